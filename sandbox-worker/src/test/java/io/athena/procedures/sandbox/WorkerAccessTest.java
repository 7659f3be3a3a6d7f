package io.athena.procedures.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.athena.sandbox.v1.GetLoadRequest;
import io.athena.sandbox.v1.SandboxServiceGrpc;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusException;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.MetadataUtils;
import java.io.BufferedReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Who can call a worker of its own. */
final class WorkerAccessTest {
  /** Of "open sesame". */
  private static final String DIGEST =
      "41ef4bb0b23661e66301aac36066912dac037827b4ae63a7b1165a5aa93ed4eb";

  @TempDir private Path folder;

  @Test
  void withATokensFileOnlyWhoHasATokenIsServed() throws Exception {
    Path runDirectory = Path.of("/run/athena-sandbox-test-" + UUID.randomUUID());
    Path tokens = Files.writeString(folder.resolve("tokens"), "# servers\nserver:" + DIGEST);
    Process worker =
        worker("--run-dir=" + runDirectory, "--bind=0.0.0.0", "--tokens-file=" + tokens);
    BufferedReader output = worker.inputReader(StandardCharsets.UTF_8);
    String greeting = String.valueOf(output.readLine());
    assertThat(greeting).contains("listens on 0.0.0.0:");
    String port = greeting.substring(greeting.lastIndexOf(':') + 1);
    ManagedChannel channel =
        NettyChannelBuilder.forTarget("127.0.0.1:" + port).usePlaintext().build();
    try {
      assertThat(answer(channel, "Bearer open sesame")).isEqualTo(Status.Code.OK);
      assertThat(answer(channel, "Bearer sesame")).isEqualTo(Status.Code.UNAUTHENTICATED);
      assertThat(answer(channel, "open sesame")).isEqualTo(Status.Code.UNAUTHENTICATED);
      assertThat(answer(channel, "")).isEqualTo(Status.Code.UNAUTHENTICATED);
    } finally {
      channel.shutdownNow();
      worker.destroy();
    }
    assertThat(worker.waitFor(30, TimeUnit.SECONDS)).isTrue();
    RunDirectory.deleteTree(runDirectory);
  }

  private static Status.Code answer(ManagedChannel channel, String authorization) {
    Metadata headers = new Metadata();
    if (!authorization.isEmpty()) {
      headers.put(
          Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER), authorization);
    }
    try {
      var _ =
          SandboxServiceGrpc.newBlockingV2Stub(channel)
              .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers))
              .getLoad(GetLoadRequest.getDefaultInstance());
      return Status.Code.OK;
    } catch (StatusException e) {
      return e.getStatus().getCode();
    }
  }

  @Test
  void beyondLoopbackAWorkerDoesNotListenWithoutTokens() throws Exception {
    Process worker = worker("--bind=0.0.0.0");

    String told = new String(worker.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(worker.waitFor(30, TimeUnit.SECONDS)).isTrue();
    assertThat(worker.exitValue()).isEqualTo(2);
    assertThat(told).contains("give --tokens-file");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "# nobody\n", "server:open sesame", "server:abcd", DIGEST})
  void aFileOfTokensThatCannotBeMeantIsRefusedWithoutTellingItsLines(String content)
      throws Exception {
    Path tokens = Files.writeString(folder.resolve("tokens"), content);

    assertThatThrownBy(() -> WorkerTokens.read(tokens))
        .hasMessageContaining(tokens.toString())
        .hasMessageNotContaining("sesame");
  }

  private static Process worker(String... options) throws Exception {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin/java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                "io.athena.procedures.sandbox.SandboxWorkerMain",
                "--port=0"));
    command.addAll(List.of(options));
    return new ProcessBuilder(command).start();
  }
}
