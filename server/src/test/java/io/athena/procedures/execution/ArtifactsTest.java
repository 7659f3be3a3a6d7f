package io.athena.procedures.execution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.athena.procedures.db.TestDatabase;
import io.athena.procedures.v1.DownloadArtifactRequest;
import io.athena.procedures.v1.DownloadArtifactResponse;
import io.athena.procedures.v1.ExecuteProcedureRequest;
import io.athena.procedures.v1.Execution;
import io.athena.procedures.v1.ExecutionEvent;
import io.athena.procedures.v1.ExecutionEvent.Artifact;
import io.athena.procedures.v1.ExecutionLimits;
import io.athena.procedures.v1.FailureKind;
import io.athena.procedures.v1.InputFile;
import io.athena.sandbox.v1.RunResponse;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Files that go in with a run, and what it leaves. */
final class ArtifactsTest {
  @RegisterExtension static final TestDatabase database = TestDatabase.create();

  private static final ScriptedWorker scripted = new ScriptedWorker();
  private static RealWorker worker;
  private static TestServer server;
  private static TestServer scriptedServer;

  @BeforeAll
  static void start() throws InterruptedException {
    worker = new RealWorker();
    server = new TestServer(database.jdbi(), worker.channel(), ExecutionSettings.defaults());
    scripted.on(
        "leaves half",
        program -> {
          program.started();
          ByteString half = ByteString.copyFrom(new byte[64 * 1024]);
          for (int n = 0; n < 10; n++) {
            program.send(RunResponse.newBuilder().setArtifactData(half).build());
          }
          program.fail(FailureKind.FAILURE_KIND_TIMEOUT, "too long");
        });
    scriptedServer =
        new TestServer(
            database.jdbi(),
            scripted.channel(),
            ExecutionSettings.defaults()
                .shared(java.time.Duration.ofSeconds(5), java.time.Duration.ofMinutes(5)));
  }

  @AfterAll
  static void stop() throws IOException {
    scriptedServer.close();
    scripted.close();
    server.close();
    worker.close();
  }

  private record Download(List<DownloadArtifactResponse> responses) {
    Artifact artifact() {
      return responses.getFirst().getArtifact();
    }

    ByteString content() {
      return responses.stream()
          .map(DownloadArtifactResponse::getData)
          .reduce(ByteString.EMPTY, ByteString::concat);
    }
  }

  private static Download download(String executionId, String name, long offset) {
    List<DownloadArtifactResponse> responses = new ArrayList<>();
    server
        .stub()
        .downloadArtifact(
            DownloadArtifactRequest.newBuilder()
                .setExecutionId(executionId)
                .setName(name)
                .setOffset(offset)
                .build())
        .forEachRemaining(responses::add);
    return new Download(responses);
  }

  private static String id(List<ExecutionEvent> events) {
    return events.getFirst().getAccepted().getExecutionId();
  }

  private static String sha256(ByteString data) throws NoSuchAlgorithmException {
    return HexFormat.of()
        .formatHex(MessageDigest.getInstance("SHA-256").digest(data.toByteArray()));
  }

  private static int rows(String executionId) {
    return database
        .jdbi()
        .withHandle(handle ->
            handle
                .createQuery(
                    """
                    select (select count(*) from execution_artifact where execution_id = :id)
                         + (select count(*) from execution_artifact_piece where execution_id = :id)
                    """)
                .bind("id", UUID.fromString(executionId))
                .mapTo(Integer.class)
                .one());
  }

  @Test
  void aFileGoesInAndComesBackByteForByte() throws NoSuchAlgorithmException {
    byte[] bytes = new byte[3 * Artifacts.PIECE_BYTES + 12_345];
    new java.util.Random(7).nextBytes(bytes);
    ByteString content = ByteString.copyFrom(bytes);
    long id =
        server.procedure(
            "echoes a file",
            """
            import sandbox
            def main():
                sandbox.artifact("empty", b"")
                sandbox.artifact("same", open("a/b/given", "rb").read())
            """);

    List<ExecutionEvent> events =
        server.execute(
            ExecuteProcedureRequest.newBuilder()
                .setProcedureId(id)
                .addInputFiles(InputFile.newBuilder().setName("a/b/given").setData(content))
                .build());

    Execution execution = server.get(id(events));
    assertThat(events.stream().filter(ExecutionEvent::hasArtifact).map(ExecutionEvent::getArtifact))
        .containsExactlyElementsOf(execution.getArtifactsList());
    assertThat(execution.getArtifactsList())
        .extracting(Artifact::getName)
        .containsExactly("empty", "same");
    Download all = download(id(events), "same", 0);
    assertThat(all.content()).isEqualTo(content);
    assertThat(all.artifact().getSha256()).isEqualTo(sha256(content));
    assertThat(all.responses())
        .allMatch(response -> response.getData().size() <= Artifacts.PIECE_BYTES);
    long offset = Artifacts.PIECE_BYTES + 77L;
    assertThat(download(id(events), "same", offset).content())
        .isEqualTo(content.substring((int) offset));
    assertThat(download(id(events), "same", content.size()).content()).isEmpty();
    assertThat(download(id(events), "empty", 0).artifact().getSizeBytes()).isZero();
    assertThat(rows(id(events))).isEqualTo(2 + 4);
  }

  @Test
  void whatDoesNotExistIsNotFoundAndTellsWhatThereIs() {
    long id = server.procedure("leaves one", "import sandbox\nsandbox.artifact('one', 'x')\n");
    String execution = id(server.execute(TestServer.call(id)));

    assertRefused(() -> download(execution, "two", 0), Status.Code.NOT_FOUND, "it has left 'one'");
    assertRefused(
        () -> download(UUID.randomUUID().toString(), "one", 0),
        Status.Code.NOT_FOUND,
        "there is no execution");
    assertRefused(() -> download("no id", "one", 0), Status.Code.INVALID_ARGUMENT, "execution_id");
    assertRefused(
        () -> download(execution, "one", 2), Status.Code.INVALID_ARGUMENT, "must be from 0 to 1");
    assertRefused(
        () -> download(execution, "one", -1), Status.Code.INVALID_ARGUMENT, "must be from 0 to 1");
  }

  private static void assertRefused(
      org.assertj.core.api.ThrowableAssert.ThrowingCallable call, Status.Code code, String words) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            StatusRuntimeException.class,
            refusal -> {
              assertThat(refusal.getStatus().getCode()).isEqualTo(code);
              assertThat(refusal.getStatus().getDescription()).contains(words);
            });
  }

  @Test
  void artifactsBeyondTheLimitAreThatCallsErrorAndThoseBeforeStay() {
    long id =
        server.procedure(
            "leaves too much",
            "import sandbox\nsandbox.artifact('a', b'x' * 900)\nsandbox.artifact('b', b'x' * 900)\n");

    List<ExecutionEvent> events =
        server.execute(
            TestServer.call(id).toBuilder()
                .setLimits(ExecutionLimits.newBuilder().setArtifactBytes(1_000))
                .build());

    assertThat(events.getLast().getCompleted().getFailure().getMessage())
        .contains("'b' has 900 bytes, but 100 of the 1000");
    assertThat(server.get(id(events)).getArtifactsList())
        .extracting(Artifact::getName)
        .containsExactly("a");
  }

  @Test
  void halfAnArtifactLeavesNothing() {
    long id = scriptedServer.procedure("leaves half", "leaves half");

    List<ExecutionEvent> events = scriptedServer.execute(TestServer.call(id));

    assertThat(scriptedServer.get(id(events)).getArtifactsList()).isEmpty();
    assertThat(rows(id(events))).isZero();
  }

  @Test
  void theyGoWithTheirExecution() {
    long id = server.procedure("is forgotten", "import sandbox\nsandbox.artifact('x', 'y')\n");
    String execution = id(server.execute(TestServer.call(id)));
    assertThat(rows(execution)).isEqualTo(2);

    database
        .jdbi()
        .useHandle(handle ->
            handle.execute("delete from execution where execution_id = ?::uuid", execution));

    assertThat(rows(execution)).isZero();
  }
}
