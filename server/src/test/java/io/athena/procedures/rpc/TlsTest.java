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
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class TlsTest {
  private static final char[] PASSWORD = "changeit".toCharArray();

  @TempDir private static Path directory;
  private static Path certificate = Path.of("");
  private static Path key = Path.of("");

  @BeforeAll
  static void makeCertificate() throws Exception {
    Path store = directory.resolve("store.p12");
    Process keytool =
        new ProcessBuilder(
                List.of(
                    Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                    "-genkeypair",
                    "-alias",
                    "server",
                    "-keyalg",
                    "EC",
                    "-dname",
                    "CN=localhost",
                    "-ext",
                    "SAN=dns:localhost,ip:127.0.0.1",
                    "-keystore",
                    store.toString(),
                    "-storepass",
                    new String(PASSWORD)))
            .redirectErrorStream(true)
            .start();
    String said = new String(keytool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(keytool.waitFor()).as(said).isZero();
    KeyStore keys = KeyStore.getInstance(store.toFile(), PASSWORD);
    certificate = pem("CERTIFICATE", keys.getCertificate("server").getEncoded());
    key = pem("PRIVATE KEY", keys.getKey("server", PASSWORD).getEncoded());
  }

  private static Path pem(String type, byte[] der) throws Exception {
    String lines = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der);
    return Files.writeString(
        directory.resolve(type.replace(' ', '-') + ".pem"),
        "-----BEGIN %s-----\n%s\n-----END %s-----\n".formatted(type, lines, type));
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
