package io.athena.procedures.conformance;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * Leads to a server over connections that break: each does after a fixed number of bytes from the
 * server, in the midst of whatever is said then. A run with more output than that can be seen whole
 * only by a caller who watches again.
 */
final class BreakingProxy implements AutoCloseable {
  /** More than the largest event, 64 KiB, so that every connection brings at least one. */
  private static final int BYTES_OF_A_CONNECTION = 200_000;

  private final ServerSocket listener;
  private final int serverPort;
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

  private BreakingProxy(ServerSocket listener, int serverPort) {
    this.listener = listener;
    this.serverPort = serverPort;
  }

  static BreakingProxy start(int serverPort) throws IOException {
    BreakingProxy proxy =
        new BreakingProxy(new ServerSocket(0, 0, InetAddress.getLoopbackAddress()), serverPort);
    proxy.threads.execute(proxy::accept);
    return proxy;
  }

  String address() {
    return "127.0.0.1:" + listener.getLocalPort();
  }

  @Override
  public void close() throws IOException {
    listener.close();
    for (Socket socket : open) {
      socket.close();
    }
    threads.close();
  }

  private void accept() {
    while (!listener.isClosed()) {
      try {
        Socket caller = listener.accept();
        Socket server = new Socket(InetAddress.getLoopbackAddress(), serverPort);
        open.add(caller);
        open.add(server);
        threads.execute(() -> copy(caller, server, Long.MAX_VALUE));
        threads.execute(() -> copy(server, caller, BYTES_OF_A_CONNECTION));
      } catch (IOException e) {
        if (!listener.isClosed()) {
          throw new UncheckedIOException(e);
        }
      }
    }
  }

  private void copy(Socket from, Socket to, long bytes) {
    byte[] buffer = new byte[8192];
    // Both ends are closed with whatever ends first.
    try (from;
        to;
        InputStream in = from.getInputStream();
        OutputStream out = to.getOutputStream()) {
      long left = bytes;
      while (left > 0) {
        int count = in.read(buffer, 0, (int) Math.min(buffer.length, left));
        if (count < 0) {
          break;
        }
        out.write(buffer, 0, count);
        left -= count;
      }
    } catch (IOException e) {
      // That is what this is for: the other direction has broken the connection.
    } finally {
      open.remove(from);
      open.remove(to);
    }
  }
}
