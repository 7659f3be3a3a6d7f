package io.athena.procedures.execution;

import io.athena.procedures.error.InvalidArgumentException;
import io.athena.procedures.error.Violations;
import io.athena.procedures.procedure.ParameterValues;
import io.athena.procedures.procedure.TextRules;
import io.athena.procedures.v1.ExecuteProcedureRequest;
import io.athena.procedures.v1.RunProcedureRequest;
import io.athena.procedures.v1.RunProcedureResponse;
import io.grpc.Context;
import io.grpc.stub.StreamObserver;
import org.jspecify.annotations.Nullable;

/**
 * One RunProcedure call: what its caller says. Events go out from a thread of their own, so that
 * both directions flow at the same time.
 */
final class RunConversation implements StreamObserver<RunProcedureRequest> {
  private static final int MOST_STDIN_BYTES = 1 << 20;
  private static final int MOST_RESULT_BYTES = 1 << 20;
  private static final int MOST_ERROR_CHARS = 10_000;

  private final Executions executions;
  private final EventStream<RunProcedureResponse> events;
  private Executions.@Nullable Attached attached;
  private boolean rejected;

  RunConversation(Executions executions, EventStream<RunProcedureResponse> events) {
    this.executions = executions;
    this.events = events;
  }

  @Override
  public void onNext(RunProcedureRequest request) {
    if (rejected) {
      return;
    }
    try {
      Interruptions.run(() -> take(request));
    } catch (RuntimeException refusal) {
      rejected = true;
      events.silence();
      if (attached != null) {
        attached.leave("The caller broke the rules of RunProcedure.");
      }
      throw refusal;
    }
  }

  private void take(RunProcedureRequest request) throws InterruptedException {
    switch (request.getRequestCase()) {
      case START -> start(request.getStart());
      case STDIN -> {
        Executions.Attached begun = started("stdin");
        if (request.getStdin().size() > MOST_STDIN_BYTES) {
          throw new InvalidArgumentException(
              "stdin",
              "is %,d bytes; at most %,d are allowed in a message"
                  .formatted(request.getStdin().size(), MOST_STDIN_BYTES));
        }
        begun.stdin(request.getStdin());
      }
      case CANCEL -> started("cancel").cancel();
      case CLOSE_STDIN -> started("close_stdin").closeStdin();
      case TOOL_RESULT -> answer(started("tool_result"), request.getToolResult());
      case REQUEST_NOT_SET -> throw new InvalidArgumentException("request", "is empty");
    }
  }

  private static void answer(Executions.Attached begun, RunProcedureRequest.ToolResult result)
      throws InterruptedException {
    var violations = new Violations();
    if (result.hasValue()) {
      ParameterValues.check(violations, "tool_result.value", result.getValue(), MOST_RESULT_BYTES);
    }
    TextRules.check(violations, "tool_result.error", result.getError(), MOST_ERROR_CHARS);
    violations.throwIfAny();
    begun.answer(result);
  }

  private void start(ExecuteProcedureRequest request) throws InterruptedException {
    if (attached != null) {
      throw new InvalidArgumentException(
          "start", "was given already; it is the first message only");
    }
    Executions.Attached begun = executions.execute(request, true);
    attached = begun;
    Context call = Context.current();
    Thread.ofVirtual()
        .name("run-procedure-events")
        .start(call.wrap(() -> events.sendGuarded(begun)));
  }

  private Executions.Attached started(String message) {
    if (attached == null) {
      throw new InvalidArgumentException(message, "came before start, which is the first message");
    }
    return attached;
  }

  @Override
  public void onError(Throwable gone) {
    if (attached != null) {
      attached.leave("The caller went away.");
    }
  }

  @Override
  public void onCompleted() {
    Interruptions.run(() -> {
      Executions.Attached begun = started("end of the requests");
      begun.closeStdin();
      begun.closeTools();
    });
  }
}
