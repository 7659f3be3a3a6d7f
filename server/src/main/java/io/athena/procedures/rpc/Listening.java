package io.athena.procedures.rpc;

import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.ServerSocket;

/** Says why a port cannot be listened on. */
final class Listening {
  private Listening() {}

  /** For a server that does not say why: tries the port itself. */
  static ListenException failure(InetAddress address, int port) {
    try (ServerSocket socket = new ServerSocket(port, 1, address)) {
      return failure(
          address, port, new IOException("free now, taken a moment ago: " + socket.getLocalPort()));
    } catch (IOException e) {
      return failure(address, port, e);
    }
  }

  static ListenException failure(InetAddress address, int port, Throwable failure) {
    String place = address.getHostAddress() + ":" + port;
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof BindException) {
        String reason = String.valueOf(cause.getMessage());
        return new ListenException(
            reason.contains("in use")
                ? "%s is taken by another program; choose another with --port, or --port 0 for any free one"
                    .formatted(place)
                : "cannot listen on %s: %s".formatted(place, reason),
            failure);
      }
    }
    return new ListenException("cannot listen on %s: %s".formatted(place, failure), failure);
  }
}
