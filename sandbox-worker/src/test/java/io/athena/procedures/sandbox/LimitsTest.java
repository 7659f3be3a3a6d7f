package io.athena.procedures.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import com.google.protobuf.ListValue;
import com.google.protobuf.Value;
import io.athena.procedures.v1.ExecutionEvent.Completed;
import io.athena.procedures.v1.FailureKind;
import io.grpc.Status;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

final class LimitsTest {
  private static final long MEBIBYTE = 1024 * 1024;
  private static TestSandbox sandbox;

  @BeforeAll
  static void start() {
    sandbox = TestSandbox.start();
  }

  @AfterAll
  static void stop() {
    sandbox.close();
  }

  @ParameterizedTest
  @MethodSource
  void aProgramThatRunsTooLongIsKilled(String code) {
    TestRun run = sandbox.program(code).wallTime(Duration.ofMillis(700)).run();

    assertThat(run.failure(FailureKind.FAILURE_KIND_TIMEOUT).getMessage()).contains("0.7 s");
    assertThat(millis(run)).isBetween(700L, 5000L);
  }

  static Stream<String> aProgramThatRunsTooLongIsKilled() {
    return Stream.of(
        "while True: pass",
        "import time; time.sleep(1000)",
        "import sys; sys.stdin.read(); import time; time.sleep(1000)",
        """
        import signal
        for number in range(1, 65):
            try:
                signal.signal(number, signal.SIG_IGN)
            except (OSError, ValueError):
                pass
        signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 65))
        while True: pass
        """,
        """
        import threading
        def spin():
            while True: pass
        for _ in range(8): threading.Thread(target=spin).start()
        """,
        """
        import os, time
        if os.fork() == 0:
            os.setsid()
            if os.fork() == 0:
                while True: time.sleep(1)
        while True: time.sleep(1)
        """);
  }

  @Test
  void processorTimeIsLimitedForEachProcess() {
    TestRun run =
        sandbox
            .program("while True: pass")
            .cpuTime(Duration.ofSeconds(1))
            .wallTime(Duration.ofSeconds(20))
            .run();

    assertThat(run.failure(FailureKind.FAILURE_KIND_TIMEOUT).getMessage())
        .contains("1 s of CPU time");
  }

  @Test
  void aProgramThatIgnoresTheSignalOfTheProcessorLimitIsKilledAllTheSame() {
    TestRun run =
        sandbox
            .program(
                "import signal\nsignal.signal(signal.SIGXCPU, signal.SIG_IGN)\nwhile True: pass")
            .cpuTime(Duration.ofSeconds(1))
            .run();

    run.failure(FailureKind.FAILURE_KIND_TIMEOUT);
  }

  @Test
  void aCallTooLargeForItsMemoryEndsForIt() {
    // Four bytes each on the way here, sixty-four in Python's memory.
    Value empty = Value.newBuilder().setListValue(ListValue.getDefaultInstance()).build();
    Value many =
        Value.newBuilder()
            .setListValue(ListValue.newBuilder().addAllValues(Collections.nCopies(700_000, empty)))
            .build();

    TestRun run =
        sandbox
            .program("pass")
            .parameter("many", many)
            .memory(RunLimits.LEAST_MEMORY_BYTES)
            .disk(MEBIBYTE)
            .run();

    run.failure(FailureKind.FAILURE_KIND_MEMORY_LIMIT);
  }

  @ParameterizedTest
  @MethodSource
  void aProgramThatTakesTooMuchMemoryIsEnded(String code) {
    TestRun run = sandbox.program(code).memory(64 * MEBIBYTE).disk(64 * MEBIBYTE).run();

    assertThat(run.failure(FailureKind.FAILURE_KIND_MEMORY_LIMIT).getMessage())
        .contains("67108864 bytes");
  }

  static Stream<String> aProgramThatTakesTooMuchMemoryIsEnded() {
    return Stream.of(
        "block = bytearray(100_000_000)",
        "blocks = []\nwhile True: blocks.append(bytearray(1_000_000))",
        "block = bytearray(1 << 60)",
        "import subprocess, sys\nsubprocess.run([sys.executable, '-c', 'b = bytearray(100_000_000)'], check=True)",
        "import subprocess, sys\nsubprocess.run([sys.executable, '-c', 'b = bytearray(100_000_000)'])",
        """
        import os, time
        for _ in range(8):
            if os.fork() == 0:
                block = bytearray(12_000_000)
                time.sleep(100)
        for _ in range(8): os.wait()
        """,
        """
        for number in range(100):
            with open(f'/tmp/{number}' if number % 2 else str(number), 'wb') as file:
                file.write(bytes(1_000_000))
        """,
        "import mmap\nblock = mmap.mmap(-1, 200_000_000)\nblock.write(bytes(200_000_000))",
        "import os\nfile = os.memfd_create('x')\nwhile True: os.write(file, bytes(1_000_000))");
  }

  @Test
  void theLimitOnMemoryIsEachRunsOwn() {
    String code =
        "def main():\n    b = bytearray(120_000_000)\n    import sys\n    print('has it')\n    sys.stdin.read()";
    List<TestRun> runs = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      runs.add(sandbox.program(code).memory(160 * MEBIBYTE).open().awaitOutput("has it"));
    }

    runs.forEach(TestRun::closeStdin);

    runs.forEach(run -> run.finish().result());
  }

  @ParameterizedTest
  @MethodSource
  void aProgramThatWritesTooMuchIsEndedAndTheOutputUpToTheLimitArrives(String code) {
    TestRun run = sandbox.program(code).output(100_000).run();

    run.failure(FailureKind.FAILURE_KIND_OUTPUT_LIMIT);
    assertThat(run.stdout().length() + run.stderr().length()).isEqualTo(100_000);
    assertThat(
            run.completed().getUsage().getStdoutBytes()
                + run.completed().getUsage().getStderrBytes())
        .isEqualTo(100_000);
  }

  static Stream<String> aProgramThatWritesTooMuchIsEndedAndTheOutputUpToTheLimitArrives() {
    return Stream.of(
        "while True: print('x' * 1000)",
        "import sys\nwhile True: print('x' * 1000); print('y' * 1000, file=sys.stderr)",
        "import os\nos.write(1, b'x' * 100_001)",
        "import os\nwhile True: os.system('yes')");
  }

  @Test
  void outputUpToTheLimitIsAllowed() {
    TestRun run = sandbox.program("import os\nos.write(1, b'x' * 100_000)").output(100_000).run();

    run.result();
    assertThat(run.stdout()).hasSize(100_000);
  }

  @Test
  void logEntriesCountAsOutput() {
    sandbox
        .program("import sandbox\nwhile True: sandbox.log('x' * 1000)")
        .output(100_000)
        .run()
        .failure(FailureKind.FAILURE_KIND_OUTPUT_LIMIT);
  }

  @ParameterizedTest
  @MethodSource
  void aProgramThatCannotStartAnotherProcessIsTold(String code) {
    TestRun run = sandbox.program(code).processes(10).run();

    assertThat(run.failure(FailureKind.FAILURE_KIND_PROCESS_LIMIT).getMessage())
        .contains("limit is 10");
  }

  static Stream<String> aProgramThatCannotStartAnotherProcessIsTold() {
    return Stream.of(
        "import os, time\nwhile True:\n    if os.fork() == 0: time.sleep(1000)",
        "import threading, time\nwhile True: threading.Thread(target=time.sleep, args=(1000,), daemon=True).start()",
        "import subprocess\nwhile True: subprocess.Popen(['sleep', '1000'])");
  }

  @Test
  void aForkBombEndsWithTheRun() {
    TestRun run =
        sandbox
            .program("import os\nwhile True:\n    try: os.fork()\n    except OSError: pass")
            .wallTime(Duration.ofSeconds(1))
            .run();

    run.failure(FailureKind.FAILURE_KIND_TIMEOUT);
    assertThat(sandbox.run("def main(): return 1").result().getNumberValue()).isEqualTo(1);
  }

  @Test
  void aProgramThatCopesWithTheLimitOnProcessesSucceeds() {
    TestRun run =
        sandbox
            .program(
                """
                import os
                def main():
                    started = 0
                    try:
                        while True:
                            if os.fork() == 0:
                                os.read(0, 1)
                                os._exit(0)
                            started += 1
                    except BlockingIOError:
                        return started
                """)
            .processes(10)
            .open();

    assertThat(run.finish().result().getNumberValue()).isEqualTo(9);
  }

  @ParameterizedTest
  @MethodSource
  void theWorkspaceAndTmpAreLimited(String code) {
    var failure =
        sandbox.program(code).disk(8 * MEBIBYTE).run().failure(FailureKind.FAILURE_KIND_EXCEPTION);

    assertThat(failure.getMessage()).contains("No space left on device");
  }

  static Stream<String> theWorkspaceAndTmpAreLimited() {
    return Stream.of(
        "open('big', 'wb').write(bytes(9_000_000))",
        "open('/tmp/big', 'wb').write(bytes(9_000_000))",
        "open('/dev/shm/big', 'wb').write(bytes(9_000_000))",
        "for number in range(10_000): open(f'file{number}', 'w')",
        "import os\nfor number in range(10_000): os.mkdir('d'); os.chdir('d')");
  }

  @Test
  void aSparseFileTakesNoSpaceUntilItIsWritten() {
    sandbox.run("open('sparse', 'wb').truncate(1 << 40)").result();
  }

  @Test
  void aCancelledProgramIsKilledAtOnce() {
    TestRun run = sandbox.program("print('up', flush=True)\nimport time\ntime.sleep(1000)").open();
    run.awaitOutput("up");

    run.cancel();

    run.finish().failure(FailureKind.FAILURE_KIND_CANCELLED);
    assertThat(millis(run)).isLessThan(5000);
  }

  @ParameterizedTest
  @MethodSource
  void limitsOutOfRangeAreRefused(UnaryOperator<TestProgram> change, String told) {
    Status refusal = change.apply(sandbox.program("pass")).refusal();

    assertThat(refusal.getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
    assertThat(refusal.getDescription()).contains(told);
  }

  static Stream<Arguments> limitsOutOfRangeAreRefused() {
    return Stream.of(
        refused(program -> program.wallTime(Duration.ZERO), "wall_time"),
        refused(program -> program.wallTime(Duration.ofHours(2)), "wall_time"),
        refused(program -> program.wallTime(Duration.ofSeconds(-1)), "wall_time"),
        refused(program -> program.cpuTime(Duration.ofHours(2)), "cpu_time"),
        refused(
            program -> program.memory(1000),
            "memory_bytes is 1000; this worker takes 33554432 to 2147483648"),
        refused(program -> program.memory(Long.MAX_VALUE), "memory_bytes"),
        refused(program -> program.output(-1), "output_bytes"),
        refused(program -> program.processes(0), "processes"),
        refused(program -> program.processes(513), "processes"),
        refused(program -> program.memory(64 * MEBIBYTE).disk(65 * MEBIBYTE), "disk_bytes"),
        refused(program -> program.input("../escape", ""), "'../escape'"),
        refused(program -> program.input("/absolute", ""), "'/absolute'"),
        refused(program -> program.input("a//b", ""), "'a//b'"),
        refused(program -> program.input("a", "").input("a", ""), "given twice"),
        refused(program -> program.input("a", "").input("a/b", ""), "a file, and a folder"),
        refused(program -> program.disk(10).input("a", "x".repeat(11)), "at most 10"),
        refused(program -> program.parameter("n", Double.NaN), "not finite"),
        refused(program -> program.fileName("a/b.py"), "file_name"));
  }

  private static Arguments refused(UnaryOperator<TestProgram> change, String told) {
    return arguments(change, told);
  }

  private static long millis(TestRun run) {
    Completed completed = run.completed();
    return Duration.ofNanos(Times.toNanos(completed.getDuration())).toMillis();
  }
}
