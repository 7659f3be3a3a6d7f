package io.athena.procedures.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import com.google.protobuf.Value;
import io.athena.procedures.v1.FailureKind;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Programs that try to get out, to see or change what is not theirs, or to stay. */
final class HostileTest {
  private static TestSandbox sandbox;

  @BeforeAll
  static void start() {
    sandbox = TestSandbox.start();
  }

  @AfterAll
  static void stop() {
    sandbox.close();
  }

  @AfterEach
  void theWorkerIsUnharmed() {
    assertThat(sandbox.run("def main(): return 'well'").result().getStringValue())
        .isEqualTo("well");
    assertThat(sandbox.load().getContainers()).as("no container had to be replaced").isEqualTo(1);
  }

  @ParameterizedTest
  @MethodSource
  void nothingCanBeWrittenOutsideTheWorkspaceAndTmp(String path) {
    TestRun run =
        sandbox
            .program(
                HostileTools.PYTHON + "def main(path):\n    return error(lambda: open(path, 'a'))")
            .parameter("path", path)
            .run();

    assertThat(run.result().getStringValue()).isIn("EROFS", "EACCES", "EPERM", "ENOENT", "EISDIR");
  }

  static Stream<String> nothingCanBeWrittenOutsideTheWorkspaceAndTmp() {
    return Stream.of(
        "/x",
        "/etc/passwd",
        "/etc/x",
        "/usr/x",
        "/usr/lib/python3/x",
        "/dev/x",
        "/proc/x",
        "/proc/1/oom_score_adj",
        "/athena/x",
        "/sys/x",
        "/run/x",
        "/var/x",
        "/root/x",
        "/home/x",
        "/proc/sys/kernel/core_pattern",
        "/proc/sysrq-trigger",
        "/sys/fs/cgroup/x");
  }

  @Test
  void nothingOfTheHostIsVisible() {
    TestRun run =
        sandbox.run(
            """
            import os
            def main():
                seen = sorted(os.listdir('/'))
                unreadable = [p for p in ('/athena', '/root', '/home', '/var', '/run', '/sys', '/boot') if os.path.exists(p) and os.listdir(p)]
                return {'root': seen, 'full': unreadable, 'processes': [p for p in os.listdir('/proc') if p.isdigit()],
                        'etc': sorted(os.listdir('/etc')), 'kernel': [p for p in ('kcore', 'keys', 'sys', 'modules', 'sysrq-trigger')
                        if os.path.exists('/proc/' + p)]}
            """);

    var fields = run.result().getStructValue();
    assertThat(texts(fields.getFieldsOrThrow("root")))
        .contains("usr", "workspace", "tmp")
        .doesNotContain("root", "home", "var", "sys", "run", "boot", "opt", "srv", "mnt", "media");
    assertThat(texts(fields.getFieldsOrThrow("full"))).isEmpty();
    assertThat(texts(fields.getFieldsOrThrow("processes"))).hasSize(1);
    assertThat(texts(fields.getFieldsOrThrow("kernel"))).isEmpty();
    // Where the host has alternatives: links into its /usr, no content.
    assertThat(texts(fields.getFieldsOrThrow("etc")))
        .filteredOn(name -> !name.equals("alternatives"))
        .containsExactly("group", "hosts", "nsswitch.conf", "passwd");
  }

  @Test
  void noDescriptorBeyondTheProgramsOwnIsOpen() {
    TestRun run =
        sandbox.run(
            """
            import os
            def main():
                found = []
                for descriptor in range(1024):
                    try:
                        found.append(os.readlink(f'/proc/self/fd/{descriptor}').split(':')[0])
                    except FileNotFoundError:
                        pass
                return found
            """);

    // Standard input, output and error, and the connection for results.
    assertThat(texts(run.result())).containsExactly("socket", "socket", "socket", "socket");
  }

  @Test
  void theProgramHasNoPrivilege() {
    TestRun run = sandbox.run("def main(): return open('/proc/self/status').read()");

    String status = run.result().getStringValue();
    assertThat(status)
        .contains(
            "CapInh:\t0000000000000000",
            "CapPrm:\t0000000000000000",
            "CapEff:\t0000000000000000",
            "CapBnd:\t0000000000000000",
            "CapAmb:\t0000000000000000",
            "NoNewPrivs:\t1",
            "Seccomp:\t2");
    assertThat(status).containsPattern("Uid:\t1\\d{3}\t").doesNotContain("Uid:\t0");
  }

  @Test
  void theHostsEnvironmentIsNotInherited() {
    TestRun run = sandbox.run("import os\ndef main(): return dict(os.environ)");

    assertThat(run.result().getStructValue().getFieldsMap().keySet())
        .isSubsetOf("HOME", "LANG", "PATH", "TMPDIR", "LC_CTYPE")
        .doesNotContain("JAVA_HOME");
  }

  @Test
  void aDaemonisedGrandchildDoesNotOutliveTheRun() {
    TestRun run =
        sandbox.run(
            """
            import os, time
            def main():
                ready, tell = os.pipe()
                if os.fork() == 0:
                    os.setsid()
                    if os.fork() == 0:
                        os.write(tell, b'x')
                        os.closerange(0, 100)
                        time.sleep(1000)
                    os._exit(0)
                os.read(ready, 1)
                return 'left it behind'
            """);

    assertThat(run.result().getStringValue()).isEqualTo("left it behind");
    assertThat(millis(run)).isLessThan(10_000);
  }

  @Test
  void aGrandchildThatKeepsTheOutputOpenDoesNotDelayTheEnd() {
    TestRun run =
        sandbox.run(
            "import os, time\nif os.fork() == 0:\n    time.sleep(1000)\nprint('done', flush=True)\nos._exit(0)");

    run.result();
    assertThat(run.stdout()).isEqualTo("done\n");
    assertThat(millis(run)).isLessThan(10_000);
  }

  @Test
  void orphansAreReapedSoThatTheyDoNotUseUpTheProcesses() {
    TestRun run =
        sandbox
            .program(
                """
                import os
                def main():
                    for _ in range(100):
                        child = os.fork()
                        if child == 0:
                            if os.fork() == 0:
                                os._exit(0)
                            os._exit(0)
                        os.waitpid(child, 0)
                    return 'all'
                """)
            .processes(16)
            .run();

    assertThat(run.result().getStringValue()).isEqualTo("all");
  }

  @ParameterizedTest
  @MethodSource
  void theLeastOutputIsDeliveredHoweverStrangeTheEnd(String code, String output) {
    assertThat(sandbox.run(code).stdout()).isEqualTo(output);
  }

  static Stream<Arguments> theLeastOutputIsDeliveredHoweverStrangeTheEnd() {
    return Stream.of(
        arguments("import os\nprint('a')\nos.close(1)\nos.close(2)\nos.close(0)", "a\n"),
        arguments("import sys\nprint('a')\nsys.stdout.close()", "a\n"),
        arguments("import sys\nsys.stdout = None", ""),
        arguments("import os\nos.write(1, b'a')\nos.kill(os.getpid(), 9)", "a"),
        arguments("print('a')\nimport os\nos.closerange(0, 1000)", "a\n"),
        arguments("import sys\nsys.stdout.write('\\udcff\\udc80')", "\uFFFD\uFFFD"));
  }

  @Test
  void nothingIsLeftForTheNextRun() {
    for (int i = 0; i < 12; i++) {
      TestRun run =
          sandbox.run(
              """
              import builtins, glob, json, os, socket
              def main():
                  found = [hasattr(json, 'left'), hasattr(builtins, 'left'), 'LEFT' in os.environ]
                  found += glob.glob('/tmp/*') + glob.glob('/workspace/*') + glob.glob('/dev/shm/*')
                  server = socket.socket(socket.AF_UNIX)
                  server.bind('\\0left')
                  server.listen()
                  # Sockets that only each other's queues hold: the kernel finds them later.
                  one, two = socket.socketpair()
                  for end in (one, two):
                      socket.send_fds(end, [b'x'], [server.fileno(), one.fileno(), two.fileno()])
                  json.left = builtins.left = True
                  json.dumps = None
                  os.environ['LEFT'] = '1'
                  for path in ('/tmp/left', '/workspace/left', '/dev/shm/left2'):
                      open(path, 'w').close()
                  return [each for each in found if each]
              """);

      assertThat(run.result().getListValue().getValuesList()).isEmpty();
    }
  }

  @Test
  void runsAtTheSameTimeDoNotMeet() {
    String meet =
        """
        import os, socket, sys
        def main(name, other):
            open('/tmp/' + name, 'w').close()
            own = socket.socket(socket.AF_UNIX)
            own.bind('\\0' + name)
            print('ready', flush=True)
            sys.stdin.read()
            probe = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            try:
                probe.connect('\\0' + other)
                return 'met'
            except ConnectionRefusedError:
                return ['met' for path in ('/tmp/', '/dev/shm/', '/workspace/') if os.path.exists(path + other)] or 'alone'
        """;
    TestRun first = sandbox.program(meet).parameter("name", "a").parameter("other", "b").open();
    TestRun second = sandbox.program(meet).parameter("name", "b").parameter("other", "a").open();
    first.awaitOutput("ready");
    second.awaitOutput("ready");

    first.closeStdin();
    second.closeStdin();

    assertThat(first.finish().result().getStringValue()).isEqualTo("alone");
    assertThat(second.finish().result().getStringValue()).isEqualTo("alone");
  }

  @Test
  void anEndlessStreamOfOutputIsCutWithoutHarm() {
    sandbox
        .program("import os\nblock = b'x' * 65536\nwhile True: os.write(1, block)")
        .output(50_000_000)
        .run()
        .failure(FailureKind.FAILURE_KIND_OUTPUT_LIMIT);
  }

  private static List<String> texts(Value list) {
    return list.getListValue().getValuesList().stream().map(Value::getStringValue).toList();
  }

  private static long millis(TestRun run) {
    return Times.toNanos(run.completed().getDuration()) / 1_000_000;
  }
}
