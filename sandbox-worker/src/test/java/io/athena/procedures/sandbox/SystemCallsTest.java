package io.athena.procedures.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What the kernel refuses to programs, by capabilities, namespaces and the filter of system calls.
 */
final class SystemCallsTest {
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
    TestRun run = sandbox.run(HostileTools.PYTHON + "def main():\n    return " + expression);

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
        // Its parent is outside its process namespace, so there is no number to name it by.
        arguments("seeing the parent", "str(os.getppid())", "0"),
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
}
