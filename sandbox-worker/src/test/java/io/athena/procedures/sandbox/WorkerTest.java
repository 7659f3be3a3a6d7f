package io.athena.procedures.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import io.athena.procedures.v1.FailureKind;
import io.athena.sandbox.v1.RunRequest;
import io.athena.sandbox.v1.SandboxServiceGrpc;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.netty.NettyChannelBuilder;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** A worker as a whole: what it demands of the host, and what it leaves behind. */
final class WorkerTest {
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
            largest.diskBytes(),
            largest.artifactBytes());
    try (TestSandbox sandbox = TestSandbox.start(config -> config.withMaximum(maximum))) {
      // More than any kernel takes for pids.max.
      Status refusal = sandbox.program("print('never')").processes(2_000_000_000).refusal();

      assertThat(refusal.getCode()).isEqualTo(Status.Code.FAILED_PRECONDITION);
      assertThat(refusal.getDescription()).contains("pids.max", "nothing was run");
      assertThat(sandbox.run("def main(): return 1").result().getNumberValue()).isEqualTo(1);
    }
  }

  @Test
  void aWorkerThatCannotEnforceWhatItMustSaysWhichAndWhyAndDoesNotStart() throws Exception {
    Path directory = Path.of("/run/athena-sandbox-test-" + UUID.randomUUID());
    // A runtime that leaves out what the bundle asks for: that /usr is read-only.
    Path careless = Files.createTempDirectory("runtime").resolve("careless-runc");
    Files.writeString(
        careless,
        """
        #!/bin/sh
        for word; do
          if [ -f "$word/config.json" ]; then
            sed -i -e 's/"ro",/"rw",/g' -e 's/"rro",//g' "$word/config.json"
          fi
        done
        exec runc "$@"
        """);
    Files.setPosixFilePermissions(careless, PosixFilePermissions.fromString("rwxr-xr-x"));

    Process process = startWorkerProcess(directory, "--runtime=" + careless);

    assertThat(firstLine(process))
        .startsWith("FAIL this worker cannot enforce what it must")
        .contains("read_only_root (these can be written: [")
        .contains("/usr");
    assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).isEqualTo(1);
    RunDirectory.deleteTree(directory);
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

  private static Process startWorkerProcess(Path runDirectory, String... options)
      throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin/java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                "io.athena.procedures.sandbox.SandboxWorkerMain",
                "--port=0",
                "--run-dir=" + runDirectory));
    command.addAll(List.of(options));
    return new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
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
}
