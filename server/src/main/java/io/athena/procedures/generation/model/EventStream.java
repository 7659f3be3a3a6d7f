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
import java.io.InterruptedIOException;
import java.io.Reader;
import org.jspecify.annotations.Nullable;

/**
 * Reads server-sent events as the WHATWG's HTML standard defines them (section 9.2.6, "Interpreting
 * an event stream"): UTF-8 with perhaps a byte order mark, lines that end with LF, CR or both, an
 * empty line after each event. Comments, fields that are unknown, and an event that the stream ends
 * in are nothing. {@code id} and {@code retry} are for those who connect again, which is not done.
 */
final class EventStream {
  /** Far more than the longest answer in one piece. */
  private static final int MOST_CHARS_OF_AN_EVENT = 4 << 20;

  private static final char BYTE_ORDER_MARK = '\ufeff';

  private final Reader reader;
  private final ServerSentEventListener listener;
  private final ServerSentEventContext context;
  private final long most;
  private final StringBuilder data = new StringBuilder();
  private @Nullable String name;
  private long count;
  private boolean afterReturn;

  private EventStream(InputStream body, ServerSentEventListener listener, long most) {
    this.reader = new BufferedReader(new InputStreamReader(body, UTF_8));
    this.listener = listener;
    this.context = new ServerSentEventContext(new DefaultServerSentEventParsingHandle(body));
    this.most = most;
  }

  /**
   * Tells a listener of every event until the stream ends.
   *
   * @param most characters of the whole stream
   * @throws TooLongException as soon as it has more
   * @throws IOException if it breaks off, the thread is interrupted, or the listener cannot read an
   *     event
   */
  static void read(InputStream body, ServerSentEventListener listener, long most)
      throws IOException {
    new EventStream(body, listener, most).read();
  }

  private void read() throws IOException {
    String line = line();
    while (line != null) {
      if (line.isEmpty()) {
        dispatch();
      } else {
        field(line);
      }
      line = line();
    }
  }

  private @Nullable String line() throws IOException {
    StringBuilder line = new StringBuilder();
    while (true) {
      int c = next();
      if (c < 0) {
        return null;
      }
      boolean ofReturn = afterReturn && c == '\n';
      afterReturn = c == '\r';
      if (ofReturn) {
        continue;
      }
      if (c == '\n' || c == '\r') {
        return line.toString();
      }
      line.append((char) c);
      if (line.length() + data.length() > MOST_CHARS_OF_AN_EVENT) {
        throw new TooLongException(MOST_CHARS_OF_AN_EVENT, "one event");
      }
    }
  }

  private int next() throws IOException {
    int c = reader.read();
    count++;
    if (count == 1 && c == BYTE_ORDER_MARK) {
      c = reader.read();
    }
    if (count > most) {
      throw new TooLongException(most, "its answer");
    }
    return c;
  }

  private void field(String line) {
    int colon = line.indexOf(':');
    String field = colon < 0 ? line : line.substring(0, colon);
    String value = colon < 0 ? "" : line.substring(colon + 1);
    if (value.startsWith(" ")) {
      value = value.substring(1);
    }
    switch (field) {
      case "event" -> name = value;
      case "data" -> data.append(value).append('\n');
      // Comments have no name.
      default -> {}
    }
  }

  private void dispatch() throws IOException {
    if (Thread.currentThread().isInterrupted()) {
      throw new InterruptedIOException("nobody waits for the answer any more");
    }
    String type = name;
    name = null;
    if (data.isEmpty()) {
      return;
    }
    ServerSentEvent event = new ServerSentEvent(type, data.substring(0, data.length() - 1));
    data.setLength(0);
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

  /** There is more than any answer can need. */
  static final class TooLongException extends IOException {
    private static final long serialVersionUID = 1;

    TooLongException(long most, String what) {
      super("sent more than %,d characters in %s".formatted(most, what));
    }
  }
}
