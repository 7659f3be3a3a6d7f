package io.athena.procedures.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import com.google.protobuf.ListValue;
import com.google.protobuf.Value;
import io.athena.procedures.v1.FailureKind;
import java.io.IOException;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The slot's own filter of system calls: its data, and what the kernel makes of it. */
final class SlotFilterTest {
  private static final int HIGHEST_NUMBER = 600;

  /**
   * uretprobe and uprobe of x86-64: the kernel's own ways back from a probe, which newer kernels
   * exempt from filters. Whoever else calls them is ended by SIGILL.
   */
  private static final Set<Integer> EXEMPT = Set.of(335, 336);

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

  @Test
  void everyRuleTellsItsReason() throws IOException {
    for (JsonNode rule : SlotFilter.profile().path("rules")) {
      assertThat(rule.path("why").asString("")).as("%s", rule).hasSizeGreaterThan(10);
      assertThat(rule.path("names")).isNotEmpty();
    }
  }

  @Test
  void aProfileThatNamesWhatDoesNotExistIsRefused() throws IOException {
    SystemCalls calls = SystemCalls.of("amd64");
    assertThatThrownBy(() -> SlotFilter.assemble(profile("[\"raed\"]"), calls))
        .hasMessageContaining("unknown system call raed");
    assertThatThrownBy(() -> SlotFilter.assemble(profile("[\"read\", \"read\"]"), calls))
        .hasMessageContaining("two rules for read");
  }

  private static JsonNode profile(String names) {
    return JsonMapper.shared()
        .readTree(
            "{\"otherwise\": \"EPERM\", \"rules\": [{\"why\": \"\", \"names\": " + names + "}]}");
  }

  @ParameterizedTest
  @ValueSource(strings = {"amd64", "aarch64"})
  void theKernelTakesThatManyInstructions(String architecture) throws IOException {
    byte[] filter = SlotFilter.assemble(SlotFilter.profile(), SystemCalls.of(architecture));

    // BPF_MAXINSNS; fewer are installed faster.
    assertThat(filter.length / 8).isBetween(50, 4096);
  }

  @Test
  void numbersAreThoseThatTheHostsLibseccompKnows() throws IOException {
    String question =
        """
        import ctypes, sys
        library = ctypes.CDLL('libseccomp.so.2')
        for name in sys.argv[2:]:
            print(name, library.seccomp_syscall_resolve_name_arch(ctypes.c_uint32(int(sys.argv[1])), name.encode()))
        """;
    for (String architecture : List.of("amd64", "aarch64")) {
      SystemCalls calls = SystemCalls.of(architecture);
      List<String> command =
          Stream.concat(
                  Stream.of(
                      "/usr/bin/python3",
                      "-c",
                      question,
                      Integer.toUnsignedString(calls.auditNumber())),
                  calls.known().stream())
              .toList();
      Command.Result answer = Command.run(command);
      assumeThat(answer.succeeded()).as("runc's own library is there").isTrue();

      Map<String, Integer> theirs = new TreeMap<>();
      for (String line : answer.output().lines().toList()) {
        int number = Integer.parseInt(line.split(" ", -1)[1]);
        if (number >= 0) {
          theirs.put(line.split(" ", -1)[0], number);
        }
      }
      assertThat(theirs).hasSizeGreaterThan(250);
      assertThat(calls.numbers()).containsAllEntriesOf(theirs);
    }
  }

  @Test
  void whatTheProfileDoesNotAllowIsRefusedWhateverItsNumber() throws IOException {
    Map<String, Integer> numbers = SystemCalls.of(System.getProperty("os.arch")).numbers();
    Set<Integer> allowed = new HashSet<>();
    Set<Integer> lacking = new HashSet<>();
    for (JsonNode rule : SlotFilter.profile().path("rules")) {
      boolean refused = rule.has("refuse") && !rule.has("allow_if");
      for (JsonNode name : rule.path("names")) {
        Integer number = numbers.get(name.asString(""));
        if (number != null) {
          (refused ? lacking : allowed).add(number);
        }
      }
    }
    List<Integer> tried =
        IntStream.range(0, HIGHEST_NUMBER)
            .boxed()
            .filter(n -> !allowed.contains(n) && !EXEMPT.contains(n))
            .toList();
    ListValue parameter =
        ListValue.newBuilder()
            .addAllValues(
                tried.stream().map(n -> Value.newBuilder().setNumberValue(n).build()).toList())
            .build();

    TestRun run =
        sandbox
            .program(
                HostileTools.PYTHON
                    + "def main(numbers): return {str(n): call(n, 0, 0, 0, 0, 0, 0) for n in numbers}")
            .parameter("numbers", Value.newBuilder().setListValue(parameter).build())
            .run();

    Map<Integer, String> seen =
        run.result().getStructValue().getFieldsMap().entrySet().stream()
            .collect(
                Collectors.toMap(
                    entry -> Integer.parseInt(entry.getKey()),
                    entry -> entry.getValue().getStringValue()));
    assertThat(seen).hasSameSizeAs(tried).hasSizeGreaterThan(300);
    assertThat(seen)
        .allSatisfy((number, error) ->
            assertThat(error)
                .as("system call %d", number)
                .isEqualTo(lacking.contains(number) ? "ENOSYS" : "EPERM"));
    bystanders.noticedNothing();
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource
  void argumentsAreJudged(String tried, String expression, String expected) {
    assumeThat(System.getProperty("os.arch")).isEqualTo("amd64");
    TestRun run = sandbox.run(HostileTools.returning("str(" + expression + ")"));

    assertThat(run.result().getStringValue()).as(tried).isEqualTo(expected);
    bystanders.noticedNothing();
  }

  static Stream<Arguments> argumentsAreJudged() {
    return Stream.of(
        arguments(
            "sockets of every family",
            "{error(lambda: socket.socket(family, kind)) for family in range(46) if family != 1 for kind in (1, 2, 3, 5)}",
            "{'EAFNOSUPPORT'}"),
        arguments(
            "pairs of sockets of every family",
            "{call(53, family, 1, 0, b'\\0' * 8) for family in range(46) if family != 1}",
            "{'EAFNOSUPPORT'}"),
        arguments(
            "a family hidden in the upper half", "call(41, (1 << 32) | 2, 1, 0)", "EAFNOSUPPORT"),
        arguments("a Unix socket", "error(lambda: socket.socket(socket.AF_UNIX))", "None"),
        arguments(
            "clone with each kind of namespace",
            "{call(56, flag | 17, 0, 0, 0, 0) for flag in (0x20000, 0x2000000, 0x4000000, 0x8000000, 0x10000000, 0x20000000, 0x40000000)}",
            "{'EPERM'}"),
        arguments(
            "unshare of each kind of namespace",
            "{call(272, flag) for flag in (0x80, 0x20000, 0x2000000, 0x4000000, 0x8000000, 0x10000000, 0x20000000, 0x40000000)}",
            "{'EPERM'}"),
        arguments("TIOCSTI", "call(16, 0, 0x5412, b'x')", "ENOTTY"),
        arguments("TIOCSTI with a bit above", "call(16, 0, (1 << 32) | 0x5412, b'x')", "ENOTTY"),
        arguments("TIOCLINUX", "call(16, 0, 0x541c, b'\\x03')", "ENOTTY"),
        arguments("asking for a terminal", "os.isatty(0)", "False"),
        arguments("bytes to read", "call(16, 0, 0x541b, b'\\0' * 8)", "None"),
        arguments(
            "F_GETLK, F_OFD_GETLK, F_SETLEASE, F_NOTIFY",
            "{call(72, 1, command, b'\\0' * 32) for command in (5, 36, 1024, 1026)}",
            "{'EINVAL'}"),
        arguments("huge pages", "error(lambda: mmap.mmap(-1, 1 << 21, flags=0x40022))", "ENOMEM"),
        arguments("huge pages in a file", "error(lambda: os.memfd_create('x', 4))", "ENOMEM"),
        arguments(
            "a filter of its own", "(libc.prctl(22, 2, 0, 0, 0), ctypes.get_errno())", "(-1, 1)"),
        arguments(
            "its memory layout", "(libc.prctl(35, 1, 0, 0, 0), ctypes.get_errno())", "(-1, 1)"),
        arguments("the name of a thread", "libc.prctl(15, b'x', 0, 0, 0)", "0"),
        arguments(
            "the limit of core dumps",
            "error(lambda: resource.prlimit(0, resource.RLIMIT_CORE, (0, 0)))",
            "EPERM"),
        arguments("asking for limits", "resource.getrlimit(resource.RLIMIT_CORE)", "(1, 1)"),
        arguments(
            "lowering a limit",
            "error(lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64)))",
            "None"),
        arguments(
            "what is cached of a shared file",
            "error(lambda: os.preadv(os.open('/usr/bin/env', os.O_RDONLY), [bytearray(9)], 0, os.RWF_NOWAIT))",
            "ENOTSUP"),
        arguments("personality", "call(135, 0x40000)", "EPERM"),
        arguments("asking for the personality", "call(135, 0xFFFFFFFF)", "None"));
  }

  /** {@code int 0x80} with getpid's number of the 32-bit calls, and x32's numbers. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        """
        code = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
            code.write(bytes.fromhex('b814000000cd80c3'))
            ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(code)))()\
        """,
        "call(0x40000000 | 39)"
      })
  void whoCallsByNumbersOfAnotherArchitectureIsKilled(String code) {
    assumeThat(System.getProperty("os.arch")).isEqualTo("amd64");
    TestRun run = sandbox.run(HostileTools.PYTHON + "def main():\n    " + code);

    assertThat(run.failure(FailureKind.FAILURE_KIND_CRASHED).getMessage())
        .as("SIGSYS")
        .contains("31");
    bystanders.noticedNothing();
  }
}
