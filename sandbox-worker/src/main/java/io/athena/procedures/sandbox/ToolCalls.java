package io.athena.procedures.sandbox;

import io.athena.procedures.v1.ExecutionEvent.ToolCall;
import io.athena.sandbox.v1.RunRequest.ToolResult;
import java.io.IOException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The calls of tools that a program has made and nobody has answered yet. Thread-safe. */
final class ToolCalls {
  private static final Logger log = LoggerFactory.getLogger(ToolCalls.class);

  /**
   * The harness makes one call at a time; a program that writes frames of its own is bounded here.
   */
  private static final int MOST_WAITING = 16;

  private static final String NOT_SERVED =
      "the caller of this run serves no tools (any more); run it with RunProcedure and answer its"
          + " tool calls";

  private final FrameChannel control;
  private final Set<String> waiting = new HashSet<>();
  private boolean served;

  /**
   * @param control the program's connection
   * @param served true if the caller answers
   */
  ToolCalls(FrameChannel control, boolean served) {
    this.control = control;
    this.served = served;
  }

  /**
   * Takes what a program sent.
   *
   * @return the call to be passed on; null if it is answered already, because nobody else would
   * @throws MalformedFrameException if it is no call
   */
  @Nullable ToolCall take(JsonNode frame) throws MalformedFrameException {
    String id = Json.text(frame.path("id").asString(""));
    String name = Json.text(frame.path("name").asString(""));
    ToolCall call =
        ToolCall.newBuilder()
            .setCallId(id)
            .setName(name)
            .setArguments(Json.toStruct(frame.path("arguments")))
            .build();
    synchronized (this) {
      if (served) {
        if (id.isEmpty() || name.isEmpty() || waiting.size() >= MOST_WAITING || !waiting.add(id)) {
          throw new MalformedFrameException("a program called tools in a way that is not its own");
        }
        return call;
      }
    }
    send(error(id, NOT_SERVED));
    return null;
  }

  /** Passes on an answer; one that nobody waits for is dropped. */
  void answer(ToolResult result) {
    synchronized (this) {
      if (!waiting.remove(result.getCallId())) {
        return;
      }
    }
    ObjectNode frame = error(result.getCallId(), result.getError());
    if (result.hasValue()) {
      frame.remove("error");
      frame.set("value", Json.from(result.getValue()));
    }
    send(frame);
  }

  /** Nobody answers any more. */
  void close() {
    List<String> unanswered;
    synchronized (this) {
      served = false;
      unanswered = List.copyOf(waiting);
      waiting.clear();
    }
    unanswered.forEach(id -> send(error(id, NOT_SERVED)));
  }

  private static ObjectNode error(String id, String message) {
    ObjectNode frame = Json.object();
    frame.put("id", id);
    frame.put("error", message);
    return frame;
  }

  /** In a thread of its own: a program that does not read must hold up nobody but itself. */
  private void send(ObjectNode frame) {
    byte[] payload = Json.bytes(frame);
    var _ =
        Thread.ofVirtual()
            .name("sandbox-tool-result")
            .start(() -> {
              try {
                control.send(FrameKind.TOOL_RESULT, payload);
              } catch (IOException e) {
                log.debug("a program ended before its tool answered: {}", e.toString());
              }
            });
  }
}
