package io.athena.procedures.rpc;

import java.time.Duration;

/** What carries gRPC: binds guarded services to a port. */
sealed interface Transport permits HelidonTransport, NettyTransport {
  /** Port of gRPC. */
  int port();

  /** Port of HTTP. */
  int httpPort();

  /** Stops; calls still under way are ended after the time given. */
  void stop(Duration limit);
}
