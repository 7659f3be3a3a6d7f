package io.athena.procedures.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grpc.Server;
import io.grpc.netty.NettyServerBuilder;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import org.junit.jupiter.api.Test;

final class AthenaClientTest {
  /** A thread that stays in the kernel holds up the end of the process by 0.3 s. */
  @Test
  void leavesNoThreadWhenItIsClosed() throws IOException {
    Server server =
        NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .build()
            .start();
    try {
      try (AthenaClient client =
          AthenaClient.builder().address("127.0.0.1:" + server.getPort()).build()) {
        assertThatThrownBy(() -> client.getProcedure(1)).isInstanceOf(AthenaException.class);
        assertThat(clientThreads()).isEqualTo(1);
      }
      assertThat(clientThreads()).isZero();
    } finally {
      server.shutdownNow();
    }
  }

  private static long clientThreads() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().startsWith("athena-client"))
        .count();
  }
}
