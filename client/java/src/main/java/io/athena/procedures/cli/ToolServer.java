package io.athena.procedures.cli;

import com.google.protobuf.Value;
import io.athena.procedures.client.AthenaException;
import io.athena.procedures.client.InteractiveExecution;
import io.athena.procedures.v1.ExecutionEvent;
import io.athena.procedures.v1.ExecutionEvent.ToolCall;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/**
 * Serves a program's tool calls by commands of this machine. A command gets the arguments as JSON
 * on its standard input, and the tool's name as ATHENA_TOOL; what it writes is the answer: JSON, or
 * else text. If it fails, what it wrote to standard error is raised in the program.
 */
final class ToolServer implements Consumer<ExecutionEvent> {
  private static final int LONGEST_ERROR = 2_000;

  private final Map<String, String> commands;
  private final InteractiveExecution execution;

  /**
   * @param commands shell commands by the names of tools
   */
  ToolServer(Map<String, String> commands, InteractiveExecution execution) {
    this.commands = commands;
    this.execution = execution;
  }

  @Override
  public void accept(ExecutionEvent event) {
    if (event.getEventCase() == ExecutionEvent.EventCase.TOOL_CALL) {
      // Events go on to be shown while the command runs.
      var _ = Thread.ofVirtual().name("tool").start(() -> serve(event.getToolCall()));
    }
  }

  private void serve(ToolCall call) {
    try {
      String command = commands.get(call.getName());
      if (command == null) {
        execution.failToolCall(
            call.getCallId(),
            "the caller serves no such tool; it serves " + String.join(", ", commands.keySet()));
        return;
      }
      run(call, command);
    } catch (AthenaException e) {
      // The reader of the events meets the same failure and reports it.
      return;
    }
  }

  private void run(ToolCall call, String command) {
    try {
      ProcessBuilder builder = new ProcessBuilder("/bin/sh", "-c", command);
      builder.environment().put("ATHENA_TOOL", call.getName());
      Process process = builder.start();
      CompletableFuture<String> errors =
          CompletableFuture.supplyAsync(() -> read(process.errorReader(StandardCharsets.UTF_8)));
      write(process.getOutputStream(), Json.of(call.getArguments()));
      String answer = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      int status = process.waitFor();
      if (status == 0) {
        execution.answerToolCall(call.getCallId(), value(answer));
      } else {
        String told = errors.join().strip();
        execution.failToolCall(
            call.getCallId(),
            Text.shortened(
                told.isEmpty() ? "the command ended with status " + status : told, LONGEST_ERROR));
      }
    } catch (IOException e) {
      execution.failToolCall(call.getCallId(), "the command cannot be run: " + Errors.told(e));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      execution.failToolCall(call.getCallId(), "the command was interrupted");
    }
  }

  private static void write(OutputStream to, String json) {
    try (to) {
      to.write(json.getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      // The command does not read its arguments, which is its own affair.
      return;
    }
  }

  private static String read(java.io.Reader reader) {
    try (reader) {
      StringBuilder text = new StringBuilder();
      char[] buffer = new char[4096];
      for (int length = reader.read(buffer); length >= 0; length = reader.read(buffer)) {
        text.append(buffer, 0, length);
      }
      return text.toString();
    } catch (IOException e) {
      return Errors.told(e);
    }
  }

  /** JSON as it is; anything else is text. */
  private static Value value(String answer) {
    try {
      return Json.value(answer);
    } catch (BadJsonException e) {
      return Value.newBuilder().setStringValue(answer).build();
    }
  }
}
