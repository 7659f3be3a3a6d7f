package io.athena.procedures.generation.model;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.langchain4j.http.client.sse.DefaultServerSentEventParsingHandle;
import dev.langchain4j.http.client.sse.ServerSentEvent;
import dev.langchain4j.http.client.sse.ServerSentEventContext;
import dev.langchain4j.http.client.sse.ServerSentEventListener;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads server-sent events (WHATWG HTML, section 9.2): lines of fields, an empty line after each
 * event.
 */
final class EventStream {
  /** Far more than the longest answer; an endpoint that sends more is broken. */
  private static final int MOST_CHARS = 64 << 20;

  private final BufferedReader lines;
  private final ServerSentEventListener listener;
  private final ServerSentEventContext context;
  private final List<String> data = new ArrayList<>();
  private @Nullable String name;
  private long left = MOST_CHARS;

  private EventStream(InputStream body, ServerSentEventListener listener) {
    this.lines = new BufferedReader(new InputStreamReader(body, UTF_8));
    this.listener = listener;
    this.context = new ServerSentEventContext(new DefaultServerSentEventParsingHandle(body));
  }

  /**
   * Tells a listener of every event until the stream ends.
   *
   * @throws IOException if it breaks off, is too long, or the listener cannot read an event
   */
  static void read(InputStream body, ServerSentEventListener listener) throws IOException {
    new EventStream(body, listener).read();
  }

  private void read() throws IOException {
    String line = line();
    while (line != null) {
      if (line.isEmpty()) {
        dispatch();
      } else if (line.startsWith("event:")) {
        name = line.substring("event:".length()).strip();
      } else if (line.startsWith("data:")) {
        data.add(line.substring(line.startsWith("data: ") ? "data: ".length() : "data:".length()));
      }
      line = line();
    }
    dispatch();
  }

  private @Nullable String line() throws IOException {
    StringBuilder line = new StringBuilder();
    for (int c = lines.read(); c >= 0; c = lines.read()) {
      if (c == '\n') {
        int last = line.length() - 1;
        return last >= 0 && line.charAt(last) == '\r' ? line.substring(0, last) : line.toString();
      }
      left--;
      if (left < 0) {
        throw new IOException("the answer is longer than " + MOST_CHARS + " characters");
      }
      line.append((char) c);
    }
    return line.isEmpty() ? null : line.toString();
  }

  private void dispatch() throws IOException {
    if (data.isEmpty()) {
      return;
    }
    ServerSentEvent event = new ServerSentEvent(name, String.join("\n", data));
    name = null;
    data.clear();
    try {
      listener.onEvent(event, context);
    } catch (RuntimeException e) {
      throw new UnreadableEventException(e);
    }
  }

  /** An event is not what the protocol has. What it holds is not told: it may repeat the prompt. */
  static final class UnreadableEventException extends IOException {
    private static final long serialVersionUID = 1;

    UnreadableEventException(Throwable cause) {
      super("an event of the answer is not in the form of its protocol", cause);
    }
  }
}
