package io.athena.procedures.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.athena.procedures.v1.FailureKind;
import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What hostile programs try with files, processes and what the kernel lets everybody have. Each
 * case tells what it tried and what the code saw; what everybody else saw, which must be nothing,
 * is looked at after each.
 */
final class ContainmentTest {
  private static final long MEBIBYTE = 1024 * 1024;

  private static TestSandbox sandbox;
  private static Bystanders bystanders;

  @BeforeAll
  static void start() {
    sandbox = TestSandbox.start();
    bystanders = new Bystanders(sandbox);
  }

  @AfterAll
  static void stop() {
    bystanders.close();
    sandbox.close();
  }

  @AfterEach
  void nobodyElseNoticed() {
    bystanders.noticedNothing();
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource
  void filesOfOthersAreOutOfReach(String tried, String expression, String seen) {
    expect(tried, expression, seen);
  }

  static Stream<Arguments> filesOfOthersAreOutOfReach() {
    return Stream.of(
        arguments(
            "statvfs of all that is not its own",
            "sorted(p for p in ('/', '/usr', '/etc', '/dev', '/proc') if not os.statvfs(p).f_flag & os.ST_RDONLY)",
            "[]"),
        arguments(
            "climbing above the root",
            "(os.chdir('/'), [os.chdir('..') for _ in range(100)], sorted(os.listdir('.')) == sorted(os.listdir('/')))[-1]",
            "True"),
        arguments(
            "the root behind a descriptor",
            "sorted(os.listdir(os.open('/proc/self/root/..', os.O_RDONLY))) == sorted(os.listdir('/'))",
            "True"),
        arguments("chroot and back", "(os.mkdir('c'), error(lambda: os.chroot('c')))[-1]", "EPERM"),
        arguments(
            "the first process's root", "error(lambda: os.listdir('/proc/1/root'))", "ENOENT"),
        arguments(
            "everything of other processes in /proc",
            "{error(lambda: os.open(f'/proc/{pid}/{name}', os.O_RDONLY)) for pid in range(1, 300) if pid != os.getpid() for name in ('environ', 'mem', 'maps', 'cwd', 'fd', 'ns/net')}",
            "{'ENOENT'}"),
        arguments(
            "the worker's sockets and control groups",
            "{error(lambda: os.listdir(p)) for p in ('/athena/run', '/athena/cgroup', '/athena/lib', '/sys/fs/cgroup')}",
            "{'ENOENT'}"),
        arguments(
            "connecting to the fork server",
            "error(lambda: socket.socket(socket.AF_UNIX).connect('/athena/run/zygote.sock'))",
            "ENOENT"),
        arguments("/sys", "error(lambda: os.listdir('/sys'))", "ENOENT"),
        arguments("/proc/sys", "error(lambda: os.listdir('/proc/sys'))", "ENOENT"),
        arguments(
            "devices",
            "sorted(set(os.listdir('/dev')) - {'fd', 'full', 'null', 'ptmx', 'pts', 'random', 'shm', 'stderr', 'stdin', 'stdout', 'tty', 'urandom', 'zero', 'core', 'mqueue'})",
            "[]"),
        arguments("a new terminal", "error(lambda: os.openpty())", "ENOENT|EPERM|EACCES"),
        arguments(
            "a hard link to a file of the host",
            "error(lambda: os.link('/usr/bin/env', 'env'))",
            "EXDEV"),
        arguments(
            "a file by handle",
            "call(303, -100, b'/usr', (128).to_bytes(4, 'little') + bytes(132), b'    ', 0)",
            "EPERM"),
        arguments(
            "its own score for the killer",
            "error(lambda: open('/proc/self/oom_score_adj', 'w').write('-1000'))",
            "EROFS|EACCES"),
        arguments(
            "its own map of users",
            "error(lambda: open('/proc/self/uid_map', 'w').write('0 0 1'))",
            "EROFS|EACCES|EPERM"),
        arguments(
            "a sparse file of 1,024 TiB",
            "(os.truncate(os.open('s', os.O_CREAT | os.O_RDWR), 1 << 50), os.stat('s').st_blocks)[-1]",
            "0"),
        arguments(
            "all of it mapped",
            "(os.truncate(os.open('s', os.O_CREAT | os.O_RDWR), 1 << 46), len(mmap.mmap(os.open('s', os.O_RDWR), 1 << 46)))[-1]",
            Long.toString(1L << 46)),
        arguments(
            "1,000 directories in each other",
            "(lambda: ([(os.mkdir('d'), os.chdir('d')) for _ in range(1000)], len(os.getcwd())))()[-1]",
            "2010"),
        arguments(
            "names of every byte",
            "len([open(bytes([b]) * 255, 'w').close() for b in range(1, 256) if b not in b'/.'])",
            "253"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource
  void processesOfOthersAreOutOfReach(String tried, String expression, String seen) {
    expect(tried, expression, seen);
  }

  static Stream<Arguments> processesOfOthersAreOutOfReach() {
    return Stream.of(
        arguments(
            "signals to every number",
            "sorted({error(lambda: os.kill(pid, 0)) for pid in range(1, 3000) if pid != os.getpid()})",
            "['EPERM', 'ESRCH']"),
        arguments(
            "ending its parent",
            "error(lambda: os.kill(os.getppid(), 9)) if os.getppid() else 'no number'",
            "no number"),
        arguments(
            "tracing its own child",
            "child(lambda: call(101, 0, 0, 0, 0) == 'EPERM' and os._exit(7))",
            "exit 7"),
        arguments("attaching to the first process", "call(101, 16, 1, 0, 0)", "EPERM"),
        arguments("writing its memory", "call(311, 1, 0, 0, 0, 0, 0)", "EPERM"),
        arguments("a descriptor of the first process", "call(438, 3, 0, 0)", "EPERM"),
        arguments(
            "a higher priority",
            "error(lambda: os.setpriority(os.PRIO_PROCESS, 0, -20))",
            "EACCES|EPERM"),
        arguments("real time", "call(144, 0, 1, b'\\x01\\0\\0\\0')", "EPERM"),
        arguments("real-time input and output", "call(251, 1, 0, 1 << 13)", "EPERM"),
        arguments(
            "its limits raised",
            "{call(160, limit, bytes([255]) * 16) for limit in (0, 6, 7, 8)}",
            "{'EPERM'}"),
        arguments(
            "the clock",
            "(error(lambda: time.clock_settime(time.CLOCK_REALTIME, 0)), call(159, bytes(208)), call(305, 0, bytes(208)))",
            "('EPERM', 'EPERM', 'EPERM')"),
        arguments(
            "modules",
            "(call(175, b'', 0, b''), call(313, 0, b'', 0), call(176, b'loop', 0))",
            "('EPERM', 'EPERM', 'EPERM')"),
        arguments(
            "another kernel",
            "(call(246, 0, 0, 0, 0), call(320, 0, 0, 0, 0, 0))",
            "('EPERM', 'EPERM')"),
        arguments("the kernel's log", "call(103, 3, bytes(100), 100)", "EPERM"),
        arguments(
            "mounts by the newer calls",
            "{call(n, 0, 0, 0, 0, 0) for n in (428, 429, 430, 431, 432, 433, 442)}",
            "{'EPERM'}"),
        arguments(
            "io_uring, all of it",
            "{call(n, 1, bytes(120), 0, 0, 0, 0) for n in (425, 426, 427)}",
            "{'EPERM'}"),
        arguments(
            "keys, all of it", "{call(n, 0, 0, 0, 0, 0) for n in (248, 249, 250)}", "{'EPERM'}"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource
  void whatIsUsedUpIsItsOwn(String tried, String code, FailureKind end) {
    TestRun run =
        sandbox
            .program(HostileTools.PYTHON + "def main():\n" + code.indent(4))
            .memory(64 * MEBIBYTE)
            .disk(32 * MEBIBYTE)
            .wallTime(Duration.ofSeconds(2))
            .run();

    if (end == FailureKind.FAILURE_KIND_UNSPECIFIED) {
      assertThat(run.result().getStringValue()).as(tried).isEqualTo("refused");
    } else {
      run.failure(end);
    }
  }

  static Stream<Arguments> whatIsUsedUpIsItsOwn() {
    FailureKind refused = FailureKind.FAILURE_KIND_UNSPECIFIED;
    return Stream.of(
        arguments(
            "descriptors",
            "try:\n    while True: os.dup(0)\nexcept OSError: return 'refused'",
            refused),
        arguments(
            "descriptors on their way",
            """
            left, right = socket.socketpair()
            left.setblocking(False)
            try:
                while True: socket.send_fds(left, [b'x'], [left.fileno()] * 200)
            except OSError:
                return 'refused'
            """,
            refused),
        arguments(
            "memory of pipes",
            """
            def fill():
                while True:
                    end, start = os.pipe()
                    fcntl.fcntl(start, 1031, 1 << 20)
                    os.set_blocking(start, False)
                    try: os.write(start, bytes(1 << 20))
                    except BlockingIOError: pass
            if os.fork() == 0:
                fill()
            fill()
            """,
            FailureKind.FAILURE_KIND_MEMORY_LIMIT),
        arguments(
            "memory of sockets",
            """
            pairs = []
            while True:
                pairs.append(socket.socketpair())
                pairs[-1][0].setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 30)
                pairs[-1][0].setblocking(False)
                try:
                    while True: pairs[-1][0].send(bytes(1 << 16))
                except BlockingIOError: pass
            """,
            FailureKind.FAILURE_KIND_MEMORY_LIMIT),
        arguments(
            "locked memory",
            "return 'refused' if libc.mlock(ctypes.create_string_buffer(1 << 20), 1 << 20) else 'locked'",
            refused),
        arguments(
            "signals waiting",
            """
            signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGRTMIN])
            failed = [call(129, os.getpid(), int(signal.SIGRTMIN), struct.pack('iii', int(signal.SIGRTMIN), 0, -1) + bytes(116)) for _ in range(3000)]
            return 'refused' if 'EAGAIN' in failed else str(set(failed))
            """,
            refused),
        arguments(
            "processes that come and go faster than they can be killed",
            """
            if os.fork() == 0:
                while True:
                    if os.fork():
                        os._exit(0)
                    os.setsid()
            time.sleep(0.2)
            return 'refused'
            """,
            refused),
        arguments(
            "all of it with every signal blocked, by a grandchild that outlives its parent",
            """
            signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 65))
            if os.fork() == 0:
                os.setsid()
                if os.fork() == 0:
                    os.closerange(0, 1024)
                    while True:
                        pass
                os._exit(0)
            os.wait()
            return 'refused'
            """,
            refused));
  }

  @ParameterizedTest
  @ValueSource(strings = {"os.kill(0, 9)", "child(lambda: os.kill(-1, 9))"})
  void theEndOfAllItCanReachIsItsOwn(String expression) {
    sandbox.run(HostileTools.returning(expression)).failure(FailureKind.FAILURE_KIND_CRASHED);
  }

  private static void expect(String tried, String expression, String seen) {
    TestRun run = sandbox.run(HostileTools.returning("str(" + expression + ")"));

    assertThat(run.result().getStringValue())
        .as("%s; %s", tried, run)
        .isIn((Object[]) seen.split("\\|", -1));
  }
}
