package io.athena.procedures.execution;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Value;
import io.athena.procedures.execution.SandboxRun.Message;
import io.athena.sandbox.v1.RunRequest;
import io.grpc.Status;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class SandboxClientTest {
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final RunRequest.Start PROGRAM =
      RunRequest.Start.newBuilder().setCode("program").build();

  private final ScriptedWorker broken =
      new ScriptedWorker()
          .on(
              "program",
              program ->
                  program.refuse(
                      Status.FAILED_PRECONDITION
                          .withDescription("runc is missing")
                          .asRuntimeException()));
  private final ScriptedWorker busy =
      new ScriptedWorker()
          .on(
              "program",
              program ->
                  program.refuse(
                      Status.RESOURCE_EXHAUSTED.withDescription("busy").asRuntimeException()));
  private final ScriptedWorker whole =
      new ScriptedWorker()
          .on(
              "program",
              program -> {
                program.started();
                program.succeed(Value.getDefaultInstance());
              });

  @AfterEach
  void close() {
    broken.close();
    busy.close();
    whole.close();
  }

  private static SandboxClient client(ScriptedWorker... workers) {
    Map<String, io.grpc.Channel> channels = new LinkedHashMap<>();
    for (ScriptedWorker worker : workers) {
      channels.put("worker-" + channels.size(), worker.channel());
    }
    return new SandboxClient(channels);
  }

  private static Status end(SandboxRun run) throws InterruptedException {
    while (true) {
      switch (run.next(PATIENCE)) {
        case Message.Ended(Status status, _) -> {
          return status;
        }
        case Message.Response(_) -> {}
        case null -> throw new AssertionError("the call did not end");
      }
    }
  }

  @Test
  void aWorkerThatCannotRunProgramsSwallowsNone() throws InterruptedException {
    SandboxClient client = client(broken, whole);

    for (int run = 0; run < 3; run++) {
      assertThat(end(client.run(PROGRAM)).getCode()).isEqualTo(Status.Code.OK);
    }

    assertThat(broken.starts()).as("once is enough to know").isEqualTo(1);
    assertThat(whole.starts()).isEqualTo(3);
  }

  @Test
  void aWorkerThatSaysItCannotIsNotAsked() throws InterruptedException {
    SandboxClient client = client(broken, whole);
    broken.unavailable("runc is missing");
    client.refreshLoads();

    assertThat(end(client.run(PROGRAM)).getCode()).isEqualTo(Status.Code.OK);
    assertThat(broken.starts()).isZero();
  }

  @Test
  void aWorkerThatWasMendedIsAskedAgain() throws InterruptedException {
    SandboxClient client = client(broken, whole);
    broken.unavailable("runc is missing");
    client.refreshLoads();
    broken.unavailable("");
    client.refreshLoads();

    end(client.run(PROGRAM));
    assertThat(broken.starts()).isEqualTo(1);
  }

  @Test
  void whenNoneCanTheLastRefusalIsTold() throws InterruptedException {
    Status status = end(client(broken, broken).run(PROGRAM));

    assertThat(status.getCode()).isEqualTo(Status.Code.FAILED_PRECONDITION);
    assertThat(status.getDescription()).isEqualTo("runc is missing");
    assertThat(broken.starts()).isEqualTo(2);
  }

  @Test
  void aBusyWorkerIsTheAnswer() throws InterruptedException {
    assertThat(end(client(busy, whole).run(PROGRAM)).getCode())
        .isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
    assertThat(whole.starts()).isZero();
  }

  @Test
  void whatWasSaidToTheFirstWorkerIsNotLostOnTheSecond() throws InterruptedException {
    ScriptedWorker hears =
        new ScriptedWorker()
            .on(
                "program",
                program -> {
                  program.request();
                  program.refuse(Status.FAILED_PRECONDITION.asRuntimeException());
                });
    try (hears) {
      SandboxRun run = client(hears, whole).run(PROGRAM);
      run.send(
          RunRequest.newBuilder()
              .setCloseStdin(RunRequest.CloseStdin.getDefaultInstance())
              .build());

      assertThat(end(run).getCode()).isEqualTo(Status.Code.FAILED_PRECONDITION);
      assertThat(whole.starts()).isZero();
    }
  }
}
