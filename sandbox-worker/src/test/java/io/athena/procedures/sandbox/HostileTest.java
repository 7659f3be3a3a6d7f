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
  /**
   * {@code call} makes a system call by number and returns the error's name, or {@code None} if it
   * succeeded.
   */
  private static final String TOOLS =
      """
      import ctypes, errno, os, pathlib, signal, socket, subprocess, sys
      libc = ctypes.CDLL(None, use_errno=True)
      def call(number, *arguments):
          result = libc.syscall(ctypes.c_long(number), *[
              ctypes.c_long(each) if isinstance(each, int) else each for each in arguments])
          return errno.errorcode[ctypes.get_errno()] if result == -1 else None
      def error(action):
          try:
              action()
          except OSError as failure:
              return errno.errorcode[failure.errno]
      """;

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
  void theKernelRefuses(String what, String expression, String expected) {
    TestRun run = sandbox.run(TOOLS + "def main():\n    return " + expression);

    assertThat(run.result().getStringValue()).as(what).isIn((Object[]) expected.split("\\|", -1));
  }

  static Stream<Arguments> theKernelRefuses() {
    return Stream.of(
        arguments(
            "sockets of the internet",
            "error(lambda: socket.socket(socket.AF_INET))",
            "EAFNOSUPPORT"),
        arguments(
            "sockets of IPv6", "error(lambda: socket.socket(socket.AF_INET6))", "EAFNOSUPPORT"),
        arguments("netlink", "error(lambda: socket.socket(16, socket.SOCK_RAW))", "EAFNOSUPPORT"),
        arguments("packets", "error(lambda: socket.socket(17, socket.SOCK_RAW))", "EAFNOSUPPORT"),
        arguments(
            "vsock to the host",
            "error(lambda: socket.socket(40, socket.SOCK_STREAM))",
            "EAFNOSUPPORT"),
        arguments(
            "kernel crypto",
            "error(lambda: socket.socket(38, socket.SOCK_SEQPACKET))",
            "EAFNOSUPPORT"),
        arguments("io_uring", "call(425, 8, None)", "EPERM|ENOSYS"),
        arguments("bpf", "call(321, 0, None, 0)", "EPERM"),
        arguments("perf_event_open", "call(298, None, 0, -1, -1, 0)", "EPERM"),
        arguments("userfaultfd", "call(323, 0)", "EPERM"),
        arguments("keyctl", "call(250, 0, -3, 0)", "EPERM"),
        arguments("add_key", "call(248, b'user', b'name', b'x', 1, -3)", "EPERM"),
        arguments("request_key", "call(249, b'user', b'name', None, -3)", "EPERM"),
        arguments("ptrace", "call(101, 0, 0, 0, 0)", "EPERM"),
        arguments("process_vm_readv", "call(310, os.getppid(), None, 0, None, 0, 0)", "EPERM"),
        arguments("user namespace", "call(272, 0x10000000)", "EPERM"),
        arguments("mount namespace", "call(272, 0x20000)", "EPERM"),
        arguments("clone with namespaces", "call(56, 0x10000000 | 17, 0, 0, 0, 0)", "EPERM"),
        arguments("clone3", "call(435, b'\\0' * 88, 88)", "ENOSYS"),
        arguments("setns", "call(308, 0, 0)", "EPERM"),
        arguments("mount", "call(165, b'tmpfs', b'/tmp', b'tmpfs', 0, 0)", "EPERM"),
        arguments("umount", "call(166, b'/proc', 2)", "EPERM"),
        arguments("pivot_root", "call(155, b'/', b'/tmp')", "EPERM"),
        arguments("chroot", "error(lambda: os.chroot('/tmp'))", "EPERM"),
        arguments("fsopen", "call(430, b'tmpfs', 0)", "EPERM|ENOSYS"),
        arguments("open_by_handle_at", "call(304, 3, b'\\0' * 64, 0)", "EPERM"),
        arguments("kexec", "call(246, 0, 0, None, 0)", "EPERM"),
        arguments("loading a module", "call(313, 0, b'', 0)", "EPERM"),
        arguments("setting the clock", "call(227, 0, b'\\0' * 16)", "EPERM"),
        arguments("personality", "call(135, 0x0040000)", "EPERM"),
        arguments("reboot", "call(169, 0xfee1dead, 672274793, 0, None)", "EPERM"),
        arguments("swapon", "call(167, b'/tmp/x', 0)", "EPERM"),
        arguments("setting the host name", "error(lambda: socket.sethostname('x'))", "EPERM"),
        arguments("becoming root", "error(lambda: os.setuid(0))", "EPERM"),
        arguments(
            "becoming another slot's user",
            "error(lambda: os.setuid(1000 + (os.getuid() - 999) % 512))",
            "EPERM"),
        arguments(
            "raising its own limits", "call(160, 7, (99999).to_bytes(8, 'little') * 2)", "EPERM"),
        arguments(
            "killing the first process", "error(lambda: os.kill(1, signal.SIGKILL))", "EPERM"),
        arguments(
            "killing everything", "error(lambda: os.kill(-1, signal.SIGKILL))", "EPERM|ESRCH"),
        arguments(
            "killing the parent", "error(lambda: os.kill(os.getppid(), signal.SIGKILL))", "EPERM"),
        arguments(
            "stopping the parent", "error(lambda: os.kill(os.getppid(), signal.SIGSTOP))", "EPERM"),
        arguments(
            "a device node",
            "error(lambda: os.mknod('/tmp/disk', 0o60600, os.makedev(254, 0)))",
            "EPERM"),
        arguments(
            "a terminal to inject into", "error(lambda: os.open('/dev/tty', os.O_RDWR))", "ENXIO"),
        arguments(
            "running from the workspace",
            "(lambda p: (p.write_text('#!/bin/sh\\n'), p.chmod(0o755), error(lambda: os.execv(p, ['x'])))[-1])(pathlib.Path('x'))",
            "EACCES"),
        arguments(
            "setuid programs",
            "subprocess.run(['/usr/bin/su', '-c', 'id'], capture_output=True).returncode and 'EPERM'",
            "EPERM"));
  }

  @ParameterizedTest
  @MethodSource
  void nothingCanBeWrittenOutsideTheWorkspaceAndTmp(String path) {
    TestRun run =
        sandbox
            .program(TOOLS + "def main(path):\n    return error(lambda: open(path, 'a'))")
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
    assertThat(texts(fields.getFieldsOrThrow("etc")))
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
