package io.athena.procedures.conformance;

import com.google.protobuf.Value;
import io.athena.procedures.client.ExecutionStream;
import io.athena.procedures.client.InteractiveExecution;
import io.athena.procedures.v1.ExecutionEvent;
import io.athena.procedures.v1.ExecutionEvent.ToolCall;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.MissingNode;

/** Reads the events of a run with the Java library, and keeps what a scenario may ask of them. */
final class JavaConversation implements AutoCloseable {
  private final ExecutionStream events;
  private final @Nullable InteractiveExecution run;
  private final JsonNode tools;
  private final StringBuilder output = new StringBuilder();
  private long sequence;
  private boolean left;

  private JavaConversation(
      ExecutionStream events, @Nullable InteractiveExecution run, JsonNode tools, long sequence) {
    this.events = events;
    this.run = run;
    this.tools = tools;
    this.sequence = sequence;
  }

  /** With a run that is only listened to; its first event is the one after a sequence. */
  static JavaConversation listening(ExecutionStream events, long afterSequence) {
    return new JavaConversation(events, null, MissingNode.getInstance(), afterSequence);
  }

  /** With a run that can be talked to. */
  static JavaConversation talking(InteractiveExecution run, JsonNode tools) {
    return new JavaConversation(run.events(), run, tools, 0);
  }

  String output() {
    return output.toString();
  }

  /** True if the caller has ended the call. */
  boolean left() {
    return left;
  }

  /** Reads until something comes that is as expected. */
  JsonNode receive(JsonNode expected) {
    List<String> others = new ArrayList<>();
    while (events.hasNext()) {
      JsonNode event = read();
      try {
        Values.compare(expected, event, "event");
        return event;
      } catch (Mismatch e) {
        others.add(event + " (" + e.getMessage() + ")");
      }
    }
    throw new Mismatch(expected + " did not come, but: " + String.join("; ", others));
  }

  /** Reads whatever else comes. */
  void readToEnd() {
    while (events.hasNext()) {
      read();
    }
  }

  void send(JsonNode content) {
    if (run == null) {
      throw new Mismatch(content + " cannot be sent: the run is only listened to");
    } else if (content.has("stdin")) {
      run.writeStdin(content.get("stdin").asString().getBytes(StandardCharsets.UTF_8));
    } else if (content.has("closeStdin")) {
      run.closeStdin();
    } else if (content.has("cancel")) {
      run.cancel();
    } else {
      throw new Mismatch("there is no way to send " + content);
    }
  }

  void leave() {
    left = true;
    close();
  }

  @Override
  public void close() {
    events.close();
  }

  private JsonNode read() {
    ExecutionEvent event = events.next();
    sequence++;
    if (event.getSequence() != sequence) {
      throw new Mismatch("event %d came where %d was due".formatted(event.getSequence(), sequence));
    }
    if (event.hasOutput()) {
      output.append(event.getOutput().getData().toStringUtf8());
    }
    if (event.hasToolCall() && run != null) {
      answer(run, event.getToolCall());
    }
    return Messages.json(event);
  }

  private void answer(InteractiveExecution caller, ToolCall call) {
    JsonNode arguments = Messages.json(call.getArguments());
    for (JsonNode answer : tools.path(call.getName())) {
      if (answer.path("arguments").equals(arguments)) {
        JsonNode error = answer.get("error");
        if (error != null) {
          caller.failToolCall(call.getCallId(), error.asString());
        } else {
          Value value = Messages.parse(answer.path("value"), Value.getDefaultInstance());
          caller.answerToolCall(call.getCallId(), value);
        }
        return;
      }
    }
    throw new Mismatch("the scenario has no answer to " + call.getName() + " of " + arguments);
  }
}
