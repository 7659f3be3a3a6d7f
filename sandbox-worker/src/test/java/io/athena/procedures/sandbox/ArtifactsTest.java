package io.athena.procedures.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.athena.procedures.v1.ExecutionEvent.Artifact;
import io.athena.procedures.v1.FailureKind;
import io.athena.sandbox.v1.RunResponse;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What programs leave for their callers, in real containers. */
final class ArtifactsTest {
  private static TestSandbox sandbox;

  @BeforeAll
  static void start() {
    sandbox = TestSandbox.start();
  }

  @AfterAll
  static void stop() {
    sandbox.close();
  }

  private static List<Artifact> artifacts(TestRun run) {
    return run.events().stream()
        .filter(RunResponse::hasArtifact)
        .map(RunResponse::getArtifact)
        .toList();
  }

  private static ByteString content(TestRun run) {
    return run.events().stream()
        .filter(RunResponse::hasArtifactData)
        .map(RunResponse::getArtifactData)
        .reduce(ByteString.EMPTY, ByteString::concat);
  }

  private static String sha256(ByteString data) throws NoSuchAlgorithmException {
    return HexFormat.of()
        .formatHex(MessageDigest.getInstance("SHA-256").digest(data.toByteArray()));
  }

  /** What the program's attempt raised, in words. */
  private static String refused(String attempt) {
    return sandbox
        .run(
            """
            import os, pathlib, sandbox
            def main():
                try:
                    %s
                except (ValueError, TypeError, OSError) as error:
                    return f"{type(error).__name__}: {error}"
            """
                .formatted(attempt))
        .result()
        .getStringValue();
  }

  @Test
  void bytesTextAndFilesArriveAsTheyWere() throws NoSuchAlgorithmException {
    TestRun run =
        sandbox.run(
            """
            import os, pathlib, sandbox
            def main():
                sandbox.artifact("all/bytes.bin", bytes(range(256)) * 1000)
                os.makedirs("made")
                pathlib.Path("made/report.txt").write_text("as it is now")
                sandbox.artifact("made/report.txt")
                pathlib.Path("made/report.txt").write_text("later")
                sandbox.artifact("words", "grüße")
                sandbox.artifact("from a path", sandbox.workspace / "made" / "report.txt")
                sandbox.artifact("nothing", b"")
            """);

    run.result();
    assertThat(artifacts(run))
        .extracting(Artifact::getName, Artifact::getSizeBytes)
        .containsExactly(
            org.assertj.core.groups.Tuple.tuple("all/bytes.bin", 256_000L),
            org.assertj.core.groups.Tuple.tuple("made/report.txt", 12L),
            org.assertj.core.groups.Tuple.tuple("words", 7L),
            org.assertj.core.groups.Tuple.tuple("from a path", 5L),
            org.assertj.core.groups.Tuple.tuple("nothing", 0L));
    ByteString all = content(run);
    assertThat(all.substring(256_000).toStringUtf8()).isEqualTo("as it is nowgrüßelater");
    assertThat(artifacts(run).getFirst().getSha256()).isEqualTo(sha256(all.substring(0, 256_000)));
    assertThat(artifacts(run).getLast().getSha256()).isEqualTo(sha256(ByteString.EMPTY));
  }

  @Test
  void whatWasLeftBeforeAFailureStays() {
    TestRun run =
        sandbox.run(
            """
            import sandbox
            def main():
                sandbox.artifact("core", "evidence")
                raise ValueError("too late")
            """);

    run.failure(FailureKind.FAILURE_KIND_EXCEPTION);
    assertThat(artifacts(run)).extracting(Artifact::getName).containsExactly("core");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "/etc/passwd",
        "../up",
        "a/../../up",
        "a//b",
        "a/",
        ".",
        "a\\\\b",
        "a\\nb",
        "a\\0b",
        "\\udc80",
        "' + 'x' * 256 + '"
      })
  void namesThatLeadElsewhereAreThatCallsError(String name) {
    assertThat(refused("sandbox.artifact('%s', b'')".formatted(name)))
        .startsWith("ValueError: sandbox.artifact:")
        .contains("is no relative path of 1 to 255 bytes");
  }

  @Test
  void whatIsNoFileIsThatCallsError() {
    assertThat(refused("sandbox.artifact('pipe', pathlib.Path(f'/proc/self/fd/{os.pipe()[0]}'))"))
        .contains("is no regular file");
    assertThat(refused("sandbox.artifact('folder', sandbox.workspace)"))
        .contains("is no regular file");
    assertThat(refused("sandbox.artifact('gone')")).startsWith("FileNotFoundError");
    assertThat(refused("sandbox.artifact('odd', 5)"))
        .contains("the data must be bytes, text or a path, not int");
  }

  @Test
  void aLinkGivesNoMoreThanTheProgramCanReadItself() {
    assertThat(refused("os.symlink('/proc/1/environ', 'link'); sandbox.artifact('link')"))
        .matches("(PermissionError|FileNotFoundError).*");
    TestRun run =
        sandbox.run(
            """
            import os, sandbox
            def main():
                os.symlink("/etc/passwd", "link")
                sandbox.artifact("link")
                return open("/etc/passwd").read()
            """);
    assertThat(content(run).toStringUtf8()).isEqualTo(run.result().getStringValue());
    assertThat(content(run).toStringUtf8()).doesNotContain("root:x:0:0:root:/root");
  }

  @Test
  void theLimitIsOnAllTogetherAndAMissIsThatCallsError() {
    TestRun run =
        sandbox
            .program(
                """
                import os, sandbox
                def main():
                    sandbox.artifact("first", b"x" * 600)
                    try:
                        sandbox.artifact("second", b"x" * 500)
                    except ValueError as error:
                        refused = str(error)
                    os.truncate(os.open("sparse", os.O_CREAT | os.O_RDWR), 1 << 40)
                    try:
                        sandbox.artifact("sparse")
                    except ValueError:
                        sandbox.artifact("third", b"x" * 400)
                    return refused
                """)
            .artifacts(1000)
            .run();

    assertThat(run.result().getStringValue())
        .contains("'second' has 500 bytes, but 400 of the 1000")
        .contains("artifact_bytes");
    assertThat(artifacts(run)).extracting(Artifact::getName).containsExactly("first", "third");
  }

  @Test
  void oneNameIsOneArtifactAndAThousandAreTheMost() {
    assertThat(refused("[sandbox.artifact('twice', b'') for _ in range(2)]"))
        .contains("there is an artifact 'twice' already");
    assertThat(refused("[sandbox.artifact(str(n), b'') for n in range(1001)]"))
        .contains("at most 1000 artifacts");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "send(b'B', b'{\"name\":\"../../etc/cron.d/x\"}')",
        "send(b'D', b'bytes of nothing')",
        "send(b'B', b'{\"name\":\"a\"}'); send(b'B', b'{\"name\":\"b\"}')",
        "send(b'B', b'{\"name\":\"a\"}'); [send(b'D', b'x' * 65536) for _ in range(1200)]",
        "[(send(b'B', b'{\"name\":\"a%d\"}' % n), send(b'D', b'')) for n in range(1001)]",
        "send(b'B', b'{}')",
        "send(b'B', b'no json')",
      })
  void whoWritesFramesOfItsOwnEndsItselfOnly(String frames) {
    TestRun run =
        sandbox.run(
            """
            import os, struct, time
            def send(kind, payload):
                data = struct.pack("!Ic", len(payload), kind) + payload
                while data:
                    data = data[os.write(3, data):]
            def main():
                try:
                    %s
                except OSError:
                    pass
                time.sleep(10)
            """
                .formatted(frames));

    run.failure(FailureKind.FAILURE_KIND_INVALID_RESULT);
    assertThat(sandbox.run("def main(): return 1").result().getNumberValue()).isEqualTo(1);
  }

  @Test
  void threadsMayLeaveThemAtTheSameTime() throws NoSuchAlgorithmException {
    TestRun run =
        sandbox.run(
            """
            import concurrent.futures, sandbox
            def main():
                with concurrent.futures.ThreadPoolExecutor(8) as pool:
                    list(pool.map(lambda n: sandbox.artifact(f"a{n}", bytes([n]) * 200_000), range(8)))
                    list(pool.map(lambda n: sandbox.progress(n / 10), range(8)))
            """);

    run.result();
    ByteString all = content(run);
    int start = 0;
    for (Artifact artifact : artifacts(run)) {
      ByteString own = all.substring(start, start + 200_000);
      assertThat(sha256(own)).isEqualTo(artifact.getSha256());
      assertThat(own.byteAt(0)).isEqualTo((byte) (artifact.getName().charAt(1) - '0'));
      start += 200_000;
    }
    assertThat(start).isEqualTo(1_600_000);
  }
}
