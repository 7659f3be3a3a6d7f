package io.athena.procedures.sandbox;

import com.google.protobuf.ByteString;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import io.athena.procedures.v1.ExecutionLimits;
import io.athena.procedures.v1.InputFile;
import io.athena.sandbox.v1.RunRequest;
import io.grpc.Status;
import io.grpc.StatusException;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A request under construction; every method returns the same program. */
final class TestProgram {
  private final @Nullable TestSandbox sandbox;
  private final RunRequest.Start.Builder start = RunRequest.Start.newBuilder();
  private final ExecutionLimits.Builder limits = ExecutionLimits.newBuilder();

  /** A program for any worker; only its request can be used. */
  TestProgram(String code) {
    this(null, code);
  }

  TestProgram(@Nullable TestSandbox sandbox, String code) {
    this.sandbox = sandbox;
    start
        .setExecutionId("test")
        .setCode(code)
        .setFileName("procedure.py")
        .setEntryPoint("procedure");
    wallTime(Duration.ofSeconds(20));
    limits.setCpuTime(Times.fromNanos(Duration.ofSeconds(20).toNanos()));
    limits.setMemoryBytes(RunLimits.USUAL.memoryBytes());
    limits.setOutputBytes(RunLimits.USUAL.outputBytes());
    limits.setProcesses(RunLimits.USUAL.processes());
    limits.setDiskBytes(RunLimits.USUAL.diskBytes());
    limits.setArtifactBytes(RunLimits.USUAL.artifactBytes());
  }

  TestProgram parameter(String name, Value value) {
    start.getParametersBuilder().putFields(name, value);
    return this;
  }

  TestProgram parameter(String name, String value) {
    return parameter(name, Value.newBuilder().setStringValue(value).build());
  }

  TestProgram parameter(String name, double value) {
    return parameter(name, Value.newBuilder().setNumberValue(value).build());
  }

  TestProgram parameters(Struct parameters) {
    start.setParameters(parameters);
    return this;
  }

  TestProgram executionId(String id) {
    start.setExecutionId(id);
    return this;
  }

  TestProgram fileName(String name) {
    start.setFileName(name);
    return this;
  }

  TestProgram input(String name, String content) {
    start.addInputFiles(
        InputFile.newBuilder().setName(name).setData(ByteString.copyFromUtf8(content)));
    return this;
  }

  TestProgram wallTime(Duration time) {
    limits.setWallTime(Times.fromNanos(time.toNanos()));
    return this;
  }

  TestProgram cpuTime(Duration time) {
    limits.setCpuTime(Times.fromNanos(time.toNanos()));
    return this;
  }

  TestProgram memory(long bytes) {
    limits.setMemoryBytes(bytes);
    return this;
  }

  TestProgram output(long bytes) {
    limits.setOutputBytes(bytes);
    return this;
  }

  TestProgram processes(int count) {
    limits.setProcesses(count);
    return this;
  }

  TestProgram disk(long bytes) {
    limits.setDiskBytes(bytes);
    return this;
  }

  TestProgram environment(String name) {
    start.setEnvironment(name);
    return this;
  }

  TestProgram artifacts(long bytes) {
    limits.setArtifactBytes(bytes);
    return this;
  }

  /** Runs it to its end with empty standard input. */
  TestRun run() {
    start.setStdinClosed(true);
    return open().finish();
  }

  /** Starts it and leaves it running. */
  TestRun open() {
    return new TestRun(Objects.requireNonNull(sandbox).stub(), request());
  }

  RunRequest request() {
    return RunRequest.newBuilder().setStart(start.setLimits(limits)).build();
  }

  /** Starts it and returns the status with which it is refused. */
  Status refusal() {
    try {
      start.setStdinClosed(true);
      TestRun run = open();
      run.readAll();
      throw new AssertionError("the program was not refused but ended: " + run.completed());
    } catch (StatusException e) {
      return Status.fromThrowable(e);
    }
  }
}
