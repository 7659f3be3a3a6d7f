package io.athena.procedures.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import io.athena.procedures.v1.FailureKind;
import io.athena.sandbox.v1.AnalyzeRequest;
import io.athena.sandbox.v1.RunRequest;
import io.athena.sandbox.v1.SandboxServiceGrpc;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusException;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.protobuf.StatusProto;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The pool, its containers, and what they leave behind. */
final class LifecycleTest {
  @Test
  void manyRunsAtOnceLeaveNothingBehind() throws Exception {
    long threads = HostState.workerThreads();
    TestSandbox sandbox = TestSandbox.start();
    try (sandbox) {
      sandbox.run("pass").result();
      int descriptors = HostState.openDescriptors();

      List<Double> results = inParallel(16, 500, number -> () -> doubled(sandbox, number));

      for (int number = 0; number < 500; number++) {
        assertThat(results.get(number)).isEqualTo(2.0 * number);
      }
      HostState.eventually(() -> assertThat(sandbox.load().getRunning()).isZero());
      assertThat(sandbox.load().getCompletedRuns()).isEqualTo(501);
      assertThat(sandbox.load().getContainers()).isEqualTo(1);
      int slots = sandbox.config().pool().readySlots();
      HostState.eventually(() -> assertThat(sandbox.load().getReadySlots()).isEqualTo(slots));
      HostState.eventually(() ->
          assertThat(HostState.openDescriptors()).isLessThanOrEqualTo(descriptors + 5 * slots));
    }
    HostState.eventually(() -> assertThat(stateOf(sandbox)).isEqualTo(HostState.NOTHING));
    HostState.eventually(() -> assertThat(HostState.workerThreads()).isEqualTo(threads));
  }

  @Test
  void aCallerThatLeavesEndsItsProgram() {
    try (TestSandbox sandbox = TestSandbox.start()) {
      List<TestRun> runs = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        TestRun run =
            sandbox.program("print('up', flush=True)\nimport time\ntime.sleep(1000)").open();
        runs.add(run.awaitOutput("up"));
      }
      assertThat(sandbox.load().getRunning()).isEqualTo(4);

      runs.forEach(TestRun::abandon);

      HostState.eventually(() -> assertThat(sandbox.load().getRunning()).isZero());
    }
  }

  @Test
  void aCallerThatDoesNotReadStopsTheProgramInsteadOfFillingMemory() {
    String code =
        """
        import os, sys, threading
        written = 0
        def write():
            global written
            block = b'x' * 65536
            while True:
                written += os.write(1, block)
        threading.Thread(target=write, daemon=True).start()
        sys.stdin.readline()
        open('/tmp/now', 'w').write(str(written))
        os.write(2, f'written {written}'.encode())
        sys.stdin.readline()
        """;
    try (TestSandbox sandbox = TestSandbox.start()) {
      TestRun run = sandbox.program(code).output(1_000_000_000).open();
      run.awaitStarted();
      // Time in which a program without back-pressure writes gigabytes.
      sandbox.run("import time; time.sleep(1)").result();
      run.stdin("tell\n");
      sandbox.run("pass").result();
      run.awaitErrors("written ");

      long written = Long.parseLong(run.stderr().replaceAll("\\D", ""));

      assertThat(written).isLessThan(4_000_000);
      run.cancel();
      run.finish().failure(FailureKind.FAILURE_KIND_CANCELLED);
    }
  }

  @Test
  void aFullPoolQueuesUpToItsBoundAndThenRefuses() {
    PoolConfig pool =
        PoolConfig.defaults().withMaxConcurrentRuns(1).withQueue(1, Duration.ofSeconds(20));
    try (TestSandbox sandbox = TestSandbox.start(config -> config.withPool(pool))) {
      TestRun running = sandbox.program("import sys; sys.stdin.read()").open().awaitStarted();
      TestRun waiting = sandbox.program("def main(): return 'my turn'").open();
      HostState.eventually(() -> assertThat(sandbox.load().getQueued()).isEqualTo(1));

      Status refusal = sandbox.program("pass").refusal();
      running.closeStdin();

      assertThat(refusal.getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
      assertThat(refusal.getDescription()).contains("1 programs run and 1 wait");
      running.finish().result();
      assertThat(waiting.finish().result().getStringValue()).isEqualTo("my turn");
    }
  }

  @Test
  void aQueuedCallThatIsCancelledNeverStarts() {
    PoolConfig pool =
        PoolConfig.defaults().withMaxConcurrentRuns(1).withQueue(5, Duration.ofSeconds(20));
    try (TestSandbox sandbox = TestSandbox.start(config -> config.withPool(pool))) {
      TestRun running = sandbox.program("import sys; sys.stdin.read()").open().awaitStarted();
      TestRun cancelled = sandbox.program("print('never')").open();
      TestRun left = sandbox.program("print('never')").open();
      HostState.eventually(() -> assertThat(sandbox.load().getQueued()).isEqualTo(2));

      cancelled.cancel();
      left.abandon();

      cancelled.finish().failure(FailureKind.FAILURE_KIND_CANCELLED);
      assertThat(cancelled.events()).as("no started event").hasSize(1);
      HostState.eventually(() -> assertThat(sandbox.load().getQueued()).isZero());
      running.closeStdin();
      running.finish().result();
      HostState.eventually(() -> assertThat(sandbox.load().getCompletedRuns()).isEqualTo(1));
    }
  }

  @Test
  void aQueuedCallIsRefusedAfterItsTime() {
    PoolConfig pool =
        PoolConfig.defaults().withMaxConcurrentRuns(1).withQueue(5, Duration.ofMillis(200));
    try (TestSandbox sandbox = TestSandbox.start(config -> config.withPool(pool))) {
      TestRun running = sandbox.program("import sys; sys.stdin.read()").open().awaitStarted();

      Status refusal = sandbox.program("pass").refusal();

      assertThat(refusal.getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
      running.abandon();
    }
  }

  @Test
  void aRefusalForWantOfASlotSaysWhenToTryAgain() throws Exception {
    PoolConfig pool =
        PoolConfig.defaults().withMaxConcurrentRuns(1).withQueue(0, Duration.ofSeconds(1));
    try (TestSandbox sandbox = TestSandbox.start(config -> config.withPool(pool))) {
      TestRun running = sandbox.program("import sys; sys.stdin.read()").open().awaitStarted();
      try {
        sandbox.program("pass").open().readAll();
        throw new AssertionError("the run was not refused");
      } catch (StatusException e) {
        com.google.rpc.Status status = StatusProto.fromThrowable(e);
        assertThat(status).isNotNull();
        assertThat(String.valueOf(status))
            .contains("google.rpc.ErrorInfo", "google.rpc.RetryInfo", "WORKER_BUSY");
      }
      running.abandon();
    }
  }

  @Test
  void aContainerIsReplacedAfterItsRunsWithoutAnyFailing() throws Exception {
    PoolConfig pool = PoolConfig.defaults().withRecycling(10, Duration.ofHours(1));
    try (TestSandbox sandbox = TestSandbox.start(config -> config.withPool(pool))) {
      List<Double> results = inParallel(4, 60, number -> () -> doubled(sandbox, number));

      assertThat(results).hasSize(60);
      HostState.eventually(() -> assertThat(sandbox.load().getContainers()).isEqualTo(1));
      assertThat(sandbox.worker().containersStarted()).isGreaterThan(2);
    }
  }

  @Test
  void aContainerIsReplacedWhenItIsOld() {
    PoolConfig pool = PoolConfig.defaults().withRecycling(1000, Duration.ofMillis(300));
    try (TestSandbox sandbox = TestSandbox.start(config -> config.withPool(pool))) {
      sandbox.run("pass").result();

      HostState.eventually(() -> assertThat(sandbox.worker().containersStarted()).isGreaterThan(2));
      sandbox.run("pass").result();
    }
  }

  @Test
  void aRunWhoseContainerIsKilledIsLostAndTheNextOneRuns() {
    try (TestSandbox sandbox = TestSandbox.start()) {
      TestRun run =
          sandbox.program("print('up', flush=True)\nimport time\ntime.sleep(1000)").open();
      run.awaitOutput("up");

      HostState.killContainers(sandbox.config().runDirectory());

      run.finish().failure(FailureKind.FAILURE_KIND_WORKER_LOST);
      assertThat(sandbox.run("def main(): return 1").result().getNumberValue()).isEqualTo(1);
    }
  }

  @Test
  void controlCInTheWorkersTerminalDoesNotReachPrograms() throws IOException {
    try (TestSandbox sandbox = TestSandbox.start()) {
      TestRun run = sandbox.program("def main():\n  return input('up')").open();
      run.awaitOutput("up");

      for (long runtime : HostState.runtimes(sandbox.config().runDirectory())) {
        assertThat(Command.run(List.of("kill", "-INT", Long.toString(runtime))).succeeded())
            .isTrue();
      }

      sandbox.run("pass").result();
      run.stdin("still here\n");
      assertThat(run.finish().result().getStringValue()).isEqualTo("still here");
    }
  }

  @Test
  void closingTheWorkerEndsWhatRuns() {
    TestSandbox sandbox = TestSandbox.start();
    TestRun run = sandbox.program("print('up', flush=True)\nimport time\ntime.sleep(1000)").open();
    run.awaitOutput("up");

    sandbox.worker().close();

    run.finish().failure(FailureKind.FAILURE_KIND_WORKER_LOST);
    assertThat(sandbox.program("pass").refusal().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
    sandbox.close();
  }

  @Test
  void withoutARuntimeNothingRunsAndTheRemedyIsNamed() {
    try (TestSandbox sandbox =
        TestSandbox.start(config -> config.withRuntime("runc-that-is-not-there"))) {
      Status refusal = sandbox.program("pass").refusal();

      assertThat(refusal.getCode()).isEqualTo(Status.Code.FAILED_PRECONDITION);
      assertThat(refusal.getDescription()).contains("apt-get install --yes runc-that-is-not-there");
      assertThat(sandbox.load().getUnavailableReason()).contains("OCI runtime");
    }
  }

  @Test
  void aLimitThatCannotBeSetIsARefusalAndNothingRuns() {
    RunLimits largest = RunLimits.LARGEST;
    RunLimits maximum =
        new RunLimits(
            largest.wallTime(),
            largest.cpuSeconds(),
            largest.memoryBytes(),
            largest.outputBytes(),
            Integer.MAX_VALUE,
            largest.diskBytes());
    try (TestSandbox sandbox = TestSandbox.start(config -> config.withMaximum(maximum))) {
      // More than any kernel takes for pids.max.
      Status refusal = sandbox.program("print('never')").processes(2_000_000_000).refusal();

      assertThat(refusal.getCode()).isEqualTo(Status.Code.FAILED_PRECONDITION);
      assertThat(refusal.getDescription()).contains("pids.max", "nothing was run");
      assertThat(sandbox.run("def main(): return 1").result().getNumberValue()).isEqualTo(1);
    }
  }

  @Test
  void aRunDirectoryThatContainersCannotReachIsRefusedWithTheRemedy() throws IOException {
    Path closed = Files.createTempDirectory("closed");
    List<HostCheck.Finding> findings =
        HostCheck.run(WorkerConfig.defaults().withRunDirectory(closed.resolve("run")));
    Files.delete(closed);

    assertThat(findings)
        .filteredOn(finding -> !finding.passed())
        .singleElement()
        .satisfies(finding -> assertThat(finding.remedy()).contains("chmod o+x " + closed));
  }

  @Test
  void onThisHostEveryCheckPasses() {
    assertThat(HostCheck.run(WorkerConfig.defaults()))
        .allSatisfy(f -> assertThat(f.passed()).as(f.sentence()).isTrue());
  }

  @Test
  void aWorkerKilledOutrightLeavesNoContainerAndTheNextOneClearsItsFiles() throws Exception {
    Path directory = Path.of("/run/athena-sandbox-test-" + UUID.randomUUID());
    Process process = startWorkerProcess(directory);
    String worker = workerIn(firstLine(process));
    HostState.eventually(
        () -> assertThat(HostState.of(directory, worker).processes()).hasSizeGreaterThan(8));

    process.destroyForcibly().waitFor();

    HostState.eventually(() -> assertThat(HostState.of(directory, worker).processes()).isEmpty());
    try (TestSandbox next = TestSandbox.start(config -> config.withRunDirectory(directory))) {
      next.run("pass").result();
      try (var workers = Files.list(directory)) {
        assertThat(workers.filter(Files::isDirectory)).hasSize(1);
      }
    }
    assertThat(HostState.of(directory, worker)).isEqualTo(HostState.NOTHING);
  }

  @Test
  void aWorkerOfItsOwnServesOnLoopbackAndLeavesNothingWhenItIsTerminated() throws Exception {
    Path directory = Path.of("/run/athena-sandbox-test-" + UUID.randomUUID());
    Process process = startWorkerProcess(directory);
    String greeting = firstLine(process);
    String worker = workerIn(greeting);
    String address = greeting.substring(greeting.lastIndexOf(' ') + 1);
    ManagedChannel channel = NettyChannelBuilder.forTarget(address).usePlaintext().build();
    try {
      RunRequest start =
          new TestProgram("import sys\ndef main():\n    print('up')\n    return sys.stdin.read()")
              .request();
      TestRun run = new TestRun(SandboxServiceGrpc.newBlockingV2Stub(channel), start);
      run.awaitOutput("up");
      run.stdin("over the network");
      run.closeStdin();
      assertThat(run.finish().result().getStringValue()).isEqualTo("over the network");
    } finally {
      channel.shutdownNow();
      process.destroy();
    }

    assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
    HostState.eventually(
        () -> assertThat(HostState.of(directory, worker)).isEqualTo(HostState.NOTHING));
    RunDirectory.deleteTree(directory);
  }

  @Test
  void aLiveWorkersFilesAreLeftAlone() {
    try (TestSandbox first = TestSandbox.start()) {
      first.run("pass").result();
      try (TestSandbox second =
          TestSandbox.start(config -> config.withRunDirectory(first.config().runDirectory()))) {
        second.run("pass").result();
        first.run("pass").result();
        second.worker().close();
      }
    }
  }

  @Test
  void requestsOutOfOrderAreRefused() {
    try (TestSandbox sandbox = TestSandbox.start()) {
      TestRun twice = sandbox.program("import time; time.sleep(1000)").open().awaitStarted();
      twice.send(RunRequest.newBuilder().setStart(RunRequest.Start.getDefaultInstance()).build());
      TestRun late = sandbox.program("import time; time.sleep(1000)").open().awaitStarted();
      late.closeStdin();
      late.stdin("too late");

      assertThat(twice.refusal()).isEqualTo(Status.Code.INVALID_ARGUMENT);
      assertThat(late.refusal()).isEqualTo(Status.Code.INVALID_ARGUMENT);
      TestRun nothing =
          new TestRun(
              sandbox.stub(),
              RunRequest.newBuilder().setCancel(RunRequest.Cancel.getDefaultInstance()).build());
      assertThat(nothing.refusal()).isEqualTo(Status.Code.INVALID_ARGUMENT);
    }
  }

  @Test
  void analysisIsNotYetAvailable() throws StatusException {
    try (TestSandbox sandbox = TestSandbox.start()) {
      try {
        var _ = sandbox.stub().analyze(AnalyzeRequest.getDefaultInstance());
        throw new AssertionError("it is available");
      } catch (StatusException e) {
        assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.UNIMPLEMENTED);
        assertThat(String.valueOf(StatusProto.fromThrowable(e))).contains("NOT_YET_AVAILABLE");
      }
    }
  }

  private static Process startWorkerProcess(Path runDirectory) throws IOException {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin/java").toString(),
            "-cp",
            System.getProperty("java.class.path"),
            "io.athena.procedures.sandbox.SandboxWorkerMain",
            "--port=0",
            "--run-dir=" + runDirectory)
        .redirectError(ProcessBuilder.Redirect.INHERIT)
        .start();
  }

  private static String firstLine(Process process) throws IOException {
    BufferedReader output = process.inputReader(StandardCharsets.UTF_8);
    return String.valueOf(output.readLine());
  }

  private static String workerIn(String greeting) {
    Matcher worker = Pattern.compile("worker-\\w+").matcher(greeting);
    assertThat(worker.find()).as(greeting).isTrue();
    return worker.group();
  }

  private static HostState stateOf(TestSandbox sandbox) {
    return HostState.of(sandbox.config().runDirectory(), sandbox.worker().id());
  }

  private static double doubled(TestSandbox sandbox, int number) {
    return sandbox
        .program("def main(n): return n * 2")
        .parameter("n", number)
        .run()
        .result()
        .getNumberValue();
  }

  private interface Task {
    Callable<Double> of(int number);
  }

  private static List<Double> inParallel(int threads, int count, Task task)
      throws InterruptedException, ExecutionException {
    try (ExecutorService executor = Executors.newFixedThreadPool(threads)) {
      List<Future<Double>> futures = new ArrayList<>();
      for (int number = 0; number < count; number++) {
        futures.add(executor.submit(task.of(number)));
      }
      List<Double> results = new ArrayList<>();
      for (Future<Double> future : futures) {
        results.add(future.get());
      }
      return results;
    }
  }
}
