package io.athena.procedures.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.Value;
import io.athena.procedures.v1.ExecutionEvent.Completed;
import io.athena.procedures.v1.Failure;
import io.athena.procedures.v1.FailureKind;
import io.athena.procedures.v1.Outcome;
import io.athena.procedures.v1.OutputStream;
import io.athena.sandbox.v1.RunRequest;
import io.athena.sandbox.v1.RunResponse;
import io.athena.sandbox.v1.SandboxServiceGrpc;
import io.grpc.Status;
import io.grpc.StatusException;
import io.grpc.stub.BlockingClientCall;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A run as its caller sees it. */
final class TestRun {
  private final BlockingClientCall<RunRequest, RunResponse> call;
  private final List<RunResponse> responses = new ArrayList<>();
  private ByteString stdout = ByteString.EMPTY;
  private ByteString stderr = ByteString.EMPTY;

  TestRun(SandboxServiceGrpc.SandboxServiceBlockingV2Stub stub, RunRequest start) {
    call = stub.run();
    send(start);
  }

  void stdin(String text) {
    send(RunRequest.newBuilder().setStdin(ByteString.copyFromUtf8(text)).build());
  }

  /** Writes to standard input until the call is over. */
  void floodStdin() {
    RunRequest piece =
        RunRequest.newBuilder().setStdin(ByteString.copyFrom(new byte[1 << 20])).build();
    try {
      while (call.write(piece)) {
        // The call takes as much as the program reads, and some more.
      }
    } catch (StatusException | InterruptedException e) {
      throw new AssertionError("the request could not be sent", e);
    }
  }

  void closeStdin() {
    send(RunRequest.newBuilder().setCloseStdin(RunRequest.CloseStdin.getDefaultInstance()).build());
  }

  void cancel() {
    send(RunRequest.newBuilder().setCancel(RunRequest.Cancel.getDefaultInstance()).build());
  }

  /** Leaves without waiting, as a caller does whose connection breaks. */
  void abandon() {
    call.cancel("the caller leaves", null);
  }

  void send(RunRequest request) {
    try {
      if (!call.write(request)) {
        throw new AssertionError("the call is over");
      }
    } catch (StatusException | InterruptedException e) {
      throw new AssertionError("the request could not be sent", e);
    }
  }

  /** Reads until standard output so far contains a text. */
  TestRun awaitOutput(String text) {
    while (!stdout().contains(text)) {
      if (next() == null) {
        throw new AssertionError("the run ended without writing '%s': %s".formatted(text, this));
      }
    }
    return this;
  }

  /** Reads until standard error so far contains a text. */
  TestRun awaitErrors(String text) {
    while (!stderr().contains(text)) {
      if (next() == null) {
        throw new AssertionError(
            "the run ended without complaining '%s': %s".formatted(text, this));
      }
    }
    return this;
  }

  /** Reads to the end, which must be a refusal. */
  Status.Code refusal() {
    try {
      readAll();
      throw new AssertionError("the call was not refused: " + this);
    } catch (StatusException e) {
      return e.getStatus().getCode();
    }
  }

  /** Reads until the program runs. */
  TestRun awaitStarted() {
    while (responses.isEmpty()) {
      if (next() == null) {
        throw new AssertionError("the run ended before it started");
      }
    }
    return this;
  }

  /** Reads to the end. */
  TestRun finish() {
    try {
      readAll();
      return this;
    } catch (StatusException e) {
      throw new AssertionError("the run was refused: " + e.getStatus(), e);
    }
  }

  void readAll() throws StatusException {
    while (read() != null) {
      // Collected by read.
    }
  }

  private @Nullable RunResponse next() {
    try {
      return read();
    } catch (StatusException e) {
      throw new AssertionError("the call failed: " + e.getStatus(), e);
    }
  }

  private @Nullable RunResponse read() throws StatusException {
    try {
      RunResponse response = call.read();
      if (response == null) {
        return null;
      }
      if (response.hasOutput()) {
        ByteString data = response.getOutput().getData();
        if (response.getOutput().getStream() == OutputStream.OUTPUT_STREAM_STDOUT) {
          stdout = stdout.concat(data);
        } else {
          stderr = stderr.concat(data);
        }
      } else {
        responses.add(response);
      }
      return response;
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  /** Everything but output. */
  List<RunResponse> events() {
    return responses;
  }

  String stdout() {
    return stdout.toStringUtf8();
  }

  ByteString stdoutBytes() {
    return stdout;
  }

  String stderr() {
    return stderr.toStringUtf8();
  }

  Completed completed() {
    assertThat(responses).as("the run has ended").isNotEmpty();
    RunResponse last = responses.getLast();
    assertThat(last.hasCompleted()).as("the last event is the end").isTrue();
    return last.getCompleted();
  }

  /** The result of a run that must have succeeded. */
  Value result() {
    assertThat(completed().getOutcome())
        .as("outcome of %s", this)
        .isEqualTo(Outcome.OUTCOME_SUCCESS);
    return completed().getResult();
  }

  /** The failure of a run that must have failed in a certain way. */
  Failure failure(FailureKind kind) {
    assertThat(completed().getOutcome())
        .as("outcome of %s", this)
        .isEqualTo(Outcome.OUTCOME_FAILURE);
    assertThat(completed().getFailure().getKind()).as("kind of %s", this).isEqualTo(kind);
    assertThat(completed().getFailure().getMessage()).isNotBlank();
    return completed().getFailure();
  }

  @Override
  public String toString() {
    String errors = stderr();
    return responses.isEmpty()
        ? "a run without events"
        : responses.getLast() + "stderr: " + errors.substring(0, Math.min(2000, errors.length()));
  }
}
