package io.athena.procedures.execution;

import com.google.protobuf.ByteString;
import io.athena.procedures.error.InvalidArgumentException;
import io.athena.procedures.error.ServiceException;
import io.athena.procedures.procedure.TextRules;
import io.athena.procedures.v1.ExecuteProcedureRequest;
import io.athena.procedures.v1.FailureKind;
import io.athena.procedures.v1.RunProcedureRequest;
import io.athena.sandbox.v1.RunRequest;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Runs procedures for callers that follow them. Thread-safe. */
final class Executions implements Runs.Owner {
  private final Admissions admissions;
  private final Runs runs;
  private final ProjectPlaces places;

  Executions(Admissions admissions, Runs runs, ProjectPlaces places) {
    this.admissions = admissions;
    this.runs = runs;
    this.places = places;
  }

  /**
   * A caller's hold on an execution.
   *
   * @param own the run if this call made it; null if it repeats an earlier one, which goes on
   *     whatever becomes of this caller
   */
  record Attached(EventReader reader, @Nullable LiveRun own) {
    /** The caller is gone. */
    void leave(String why) {
      if (own != null) {
        own.end(FailureKind.FAILURE_KIND_CANCELLED, why);
      }
    }

    /** The caller wants the end of the run and waits for it. */
    void cancel() {
      leave("The caller cancelled the run.");
    }

    /** Bytes for the program's standard input; waits while it reads none. */
    void stdin(ByteString bytes) throws InterruptedException {
      if (own != null) {
        own.send(RunRequest.newBuilder().setStdin(bytes).build());
      }
    }

    /**
     * The answer to a tool call; that of a run which has ended is dropped.
     *
     * @throws InvalidArgumentException if the program does not wait for it
     */
    void answer(RunProcedureRequest.ToolResult result) throws InterruptedException {
      if (own == null) {
        return;
      }
      if (!own.takeToolCall(result.getCallId())) {
        throw new InvalidArgumentException(
            "tool_result.call_id",
            TextRules.quote(result.getCallId()) + " is no call that waits for an answer");
      }
      RunRequest.ToolResult.Builder passed =
          RunRequest.ToolResult.newBuilder().setCallId(result.getCallId());
      switch (result.getAnswerCase()) {
        case VALUE -> passed.setValue(result.getValue());
        case ERROR -> passed.setError(result.getError());
        case ANSWER_NOT_SET -> passed.setError("the caller gave neither a value nor an error");
      }
      own.send(RunRequest.newBuilder().setToolResult(passed).build());
    }

    /** Nobody will answer tool calls any more. */
    void closeTools() throws InterruptedException {
      if (own != null) {
        own.send(
            RunRequest.newBuilder()
                .setCloseTools(RunRequest.CloseTools.getDefaultInstance())
                .build());
      }
    }

    /** End of the program's standard input. */
    void closeStdin() throws InterruptedException {
      if (own != null) {
        own.send(
            RunRequest.newBuilder()
                .setCloseStdin(RunRequest.CloseStdin.getDefaultInstance())
                .build());
      }
    }
  }

  /**
   * Admits and begins a run, or attaches to the one that the same request made before.
   *
   * @param stdin true if the caller may write to the program
   * @throws ServiceException if it may not begin
   */
  Attached execute(ExecuteProcedureRequest request, boolean stdin) throws InterruptedException {
    return switch (admissions.admit(request, stdin)) {
      case Admissions.Decision.Admitted(Recording recording) -> begin(recording);
      case Admissions.Decision.Repeated(UUID executionId) ->
          new Attached(watch(executionId, 0), null);
    };
  }

  private Attached begin(Recording recording) {
    LiveRun run = runs.register(recording);
    LiveReader reader = runs.reader(run, 0);
    reader.pace();
    runs.start(run, this);
    return new Attached(reader, run);
  }

  @Override
  public void refused(LiveRun run, ServiceException refusal) {
    admissions.withdraw(run.admission().executionId());
  }

  @Override
  public void ended(LiveRun run) {
    places.release(run.admission().project());
  }

  /**
   * Events after a sequence.
   *
   * @throws io.athena.procedures.error.NotFoundException if there is no such execution
   */
  EventReader watch(UUID executionId, long afterSequence) {
    if (afterSequence < 0) {
      throw new InvalidArgumentException(
          "after_sequence", "is " + afterSequence + "; must not be negative");
    }
    LiveReader live = runs.reader(executionId, afterSequence);
    if (live != null) {
      return live;
    }
    EventStore store = runs.store();
    store.requireExists(executionId);
    return new StoredReader(
        executionId, store, afterSequence, after -> runs.reader(executionId, after));
  }
}
