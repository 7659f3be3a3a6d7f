package io.athena.procedures.rpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.athena.procedures.config.ServerConfig;
import io.athena.procedures.v1.ExecutionServiceGrpc;
import io.athena.procedures.v1.GetExecutionRequest;
import io.athena.procedures.v1.GetExecutionResponse;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.TlsChannelCredentials;
import io.grpc.netty.NettyChannelBuilder;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class TlsTest {
  @TempDir private static Path directory;
  private static Path certificate = Path.of("");
  private static Path key = Path.of("");

  @BeforeAll
  static void makeCertificate() throws Exception {
    TestCertificate made = TestCertificate.make(directory);
    certificate = made.certificate();
    key = made.key();
  }

  @ParameterizedTest
  @EnumSource(ServerConfig.Transport.class)
  void callsComeOverTlsAndOnlyOverTls(ServerConfig.Transport transport) throws Exception {
    try (RunningServer running =
        RunningServer.start(
            transport,
            Map.of(
                "server.tls.certificate",
                certificate.toString(),
                "server.tls.private-key",
                key.toString()))) {
      ManagedChannel secure =
          NettyChannelBuilder.forAddress(
                  "localhost",
                  running.server.port(),
                  TlsChannelCredentials.newBuilder().trustManager(certificate.toFile()).build())
              .build();
      try {
        assertThat(
                ExecutionServiceGrpc.newBlockingStub(secure)
                    .withDeadlineAfter(10, TimeUnit.SECONDS)
                    .getExecution(GetExecutionRequest.getDefaultInstance()))
            .isEqualTo(GetExecutionResponse.getDefaultInstance());
      } finally {
        secure.shutdownNow();
      }
      StatusRuntimeException failure =
          catchThrowableOfType(
              StatusRuntimeException.class,
              () -> running.blocking().getExecution(GetExecutionRequest.getDefaultInstance()));
      assertThat(failure.getStatus().getCode())
          .isIn(Status.Code.UNAVAILABLE, Status.Code.INTERNAL, Status.Code.UNKNOWN);
    }
  }
}
