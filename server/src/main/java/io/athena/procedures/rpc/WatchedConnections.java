package io.athena.procedures.rpc;

import io.athena.procedures.config.ServerConfig;
import io.helidon.common.buffers.BufferData;
import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.spi.ServerConnection;
import io.helidon.webserver.spi.ServerConnectionSelector;
import java.util.Set;

/** Puts a {@link WatchedConnection} around every HTTP/2 connection. */
final class WatchedConnections implements ServerConnectionSelector {
  private final ServerConnectionSelector selector;
  private final ServerConfig.Grpc limits;

  WatchedConnections(ServerConnectionSelector selector, ServerConfig.Grpc limits) {
    this.selector = selector;
    this.limits = limits;
  }

  @Override
  public int bytesToIdentifyConnection() {
    return selector.bytesToIdentifyConnection();
  }

  @Override
  public Support supports(BufferData data) {
    return selector.supports(data);
  }

  @Override
  public Set<String> supportedApplicationProtocols() {
    return selector.supportedApplicationProtocols();
  }

  @Override
  public ServerConnection connection(ConnectionContext context) {
    return new WatchedConnection(
        selector, context, limits.keepaliveTime(), limits.keepaliveTimeout());
  }
}
