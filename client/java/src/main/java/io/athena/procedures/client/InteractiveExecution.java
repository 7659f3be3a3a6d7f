package io.athena.procedures.client;

import com.google.protobuf.ByteString;
import com.google.protobuf.Value;
import io.athena.procedures.v1.RunProcedureRequest;
import io.athena.procedures.v1.RunProcedureRequest.Cancel;
import io.athena.procedures.v1.RunProcedureRequest.CloseStdin;
import io.athena.procedures.v1.RunProcedureRequest.ToolResult;
import io.athena.procedures.v1.RunProcedureResponse;
import io.grpc.StatusException;
import io.grpc.stub.BlockingClientCall;

/**
 * A running procedure with a channel to it: standard input, answers to tool calls, cancel.
 *
 * <p>One thread may read {@link #events} while others write. Every method that writes returns false
 * if the execution has ended, and then nothing was sent.
 */
public final class InteractiveExecution implements AutoCloseable {
  /** Largest message the service takes for standard input. */
  private static final int MAX_CHUNK = 1 << 20;

  private final BlockingClientCall<RunProcedureRequest, RunProcedureResponse> call;
  private final ExecutionStream events;

  InteractiveExecution(
      BlockingClientCall<RunProcedureRequest, RunProcedureResponse> call, ExecutionStream events) {
    this.call = call;
    this.events = events;
  }

  /** The events of the run. */
  public ExecutionStream events() {
    return events;
  }

  /**
   * Writes to the program's standard input; blocks while the program does not read.
   *
   * @throws AthenaException if the call has failed
   */
  public boolean writeStdin(byte[] data) {
    for (int from = 0; from < data.length; from += MAX_CHUNK) {
      int length = Math.min(MAX_CHUNK, data.length - from);
      ByteString chunk = ByteString.copyFrom(data, from, length);
      if (!send(RunProcedureRequest.newBuilder().setStdin(chunk).build())) {
        return false;
      }
    }
    return true;
  }

  /**
   * Ends the program's standard input. Nothing can be written afterwards, no answer to a tool call
   * either.
   */
  public synchronized void endStdin() {
    call.halfClose();
  }

  /** Ends the program's standard input; tool calls can still be answered. */
  public boolean closeStdin() {
    return send(
        RunProcedureRequest.newBuilder().setCloseStdin(CloseStdin.getDefaultInstance()).build());
  }

  /** Answers a tool call with a value. */
  public boolean answerToolCall(String callId, Value value) {
    return answer(ToolResult.newBuilder().setCallId(callId).setValue(value));
  }

  /** Answers a tool call with an error, which is raised in the program. */
  public boolean failToolCall(String callId, String error) {
    return answer(ToolResult.newBuilder().setCallId(callId).setError(error));
  }

  /** Asks for the end of the run; its Completed follows among the events. */
  public boolean cancel() {
    return send(RunProcedureRequest.newBuilder().setCancel(Cancel.getDefaultInstance()).build());
  }

  private boolean answer(ToolResult.Builder result) {
    return send(RunProcedureRequest.newBuilder().setToolResult(result).build());
  }

  // Synchronized because the call allows one writer at a time.
  private synchronized boolean send(RunProcedureRequest request) {
    try {
      return call.write(request);
    } catch (StatusException e) {
      throw AthenaException.from(e);
    } catch (InterruptedException e) {
      close();
      throw Retries.interrupted(e);
    }
  }

  /** Kills the program unless it has ended. */
  @Override
  public void close() {
    events.close();
  }
}
