package io.athena.procedures.generation.model;

import dev.langchain4j.exception.UnsupportedFeatureException;
import dev.langchain4j.http.client.HttpClient;
import dev.langchain4j.http.client.HttpRequest;
import dev.langchain4j.http.client.SuccessfulHttpResponse;
import dev.langchain4j.http.client.sse.ServerSentEvent;
import dev.langchain4j.http.client.sse.ServerSentEventContext;
import dev.langchain4j.http.client.sse.ServerSentEventListener;
import dev.langchain4j.http.client.sse.ServerSentEventParser;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient.Redirect;
import java.net.http.HttpClient.Version;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import org.jspecify.annotations.Nullable;

/**
 * Sends a request and reads its answer on the calling thread; an interrupt ends it at any time.
 * Thread-safe.
 */
final class ModelHttpClient implements HttpClient, AutoCloseable {
  private static final int MOST_BYTES_OF_AN_ERROR = 64 * 1024;
  private static final int MOST_BLANKS = 1024;

  private static final Duration CONNECT = Duration.ofSeconds(10);

  private final java.net.http.HttpClient client;
  private final long mostCharacters;

  /**
   * With a pool of connections of its own.
   *
   * @param mostCharacters of an answer with all that its protocol has around it; of more no more is
   *     read
   */
  ModelHttpClient(long mostCharacters) {
    this.mostCharacters = mostCharacters;
    this.client =
        java.net.http.HttpClient.newBuilder()
            .connectTimeout(CONNECT)
            // Some endpoints stumble over the offer to upgrade that comes with version 2.
            .version(Version.HTTP_1_1)
            // The key is for this endpoint, and not for where it may send us.
            .followRedirects(Redirect.NEVER)
            .build();
  }

  @Override
  public SuccessfulHttpResponse execute(HttpRequest request) {
    throw new UnsupportedFeatureException("answers are streamed");
  }

  /** Returns when the answer has been read, or the listener has been told what went wrong. */
  @Override
  public void execute(
      HttpRequest request, ServerSentEventParser unused, ServerSentEventListener listener) {
    boolean answering = false;
    try {
      HttpResponse<InputStream> response =
          client.send(toJdk(request), BodyHandlers.ofInputStream());
      answering = true;
      try (InputStream body = new BufferedInputStream(response.body())) {
        if (response.statusCode() / 100 != 2 || !beginsAsEvents(body)) {
          listener.onError(refusal(response, body));
          return;
        }
        listener.onOpen(
            SuccessfulHttpResponse.builder()
                .statusCode(response.statusCode())
                .headers(response.headers().map())
                .build());
        EventStream.read(body, new NonEmptyEvents(listener), mostCharacters);
        listener.onClose();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (EventStream.UnreadableEventException | EventStream.TooLongException e) {
      listener.onError(e);
    } catch (IOException e) {
      listener.onError(new ConnectionException(answering, e));
    }
  }

  /** Ends what is under way, and closes the connections. */
  @Override
  public void close() {
    client.shutdownNow();
    client.close();
  }

  /** Leaves out events without data: some endpoints send them as signs of life. */
  private record NonEmptyEvents(ServerSentEventListener listener)
      implements ServerSentEventListener {
    @Override
    public void onEvent(ServerSentEvent event, ServerSentEventContext context) {
      if (!event.data().isBlank()) {
        listener.onEvent(event, context);
      }
    }

    @Override
    public void onError(Throwable failure) {
      listener.onError(failure);
    }
  }

  /** The connection could not be made, or broke. */
  static final class ConnectionException extends IOException {
    private static final long serialVersionUID = 1;

    private final boolean answering;

    /**
     * With the cause.
     *
     * @param answering true if the endpoint had begun to answer
     */
    ConnectionException(boolean answering, IOException cause) {
      super(cause);
      this.answering = answering;
    }

    boolean isAnswering() {
      return answering;
    }
  }

  private static java.net.http.HttpRequest toJdk(HttpRequest request) {
    var builder =
        java.net.http.HttpRequest.newBuilder(URI.create(request.url()))
            .method(
                request.method().name(),
                request.body() == null
                    ? BodyPublishers.noBody()
                    : BodyPublishers.ofString(request.body()));
    request
        .headers()
        .forEach((name, values) -> values.forEach(value -> builder.header(name, value)));
    return builder.build();
  }

  /**
   * Looks at what comes first, because some endpoints are wrong about the type of what they send. A
   * line of events begins neither as a page does nor as JSON.
   */
  private static boolean beginsAsEvents(InputStream body) throws IOException {
    body.mark(MOST_BLANKS);
    int first = body.read();
    for (int blanks = 1; first >= 0 && first <= ' ' && blanks < MOST_BLANKS; blanks++) {
      first = body.read();
    }
    body.reset();
    return first != '<' && first != '{' && first != '[';
  }

  private static EndpointException refusal(HttpResponse<InputStream> response, InputStream body)
      throws IOException {
    String text = new String(body.readNBytes(MOST_BYTES_OF_AN_ERROR), StandardCharsets.UTF_8);
    return new EndpointException(
        response.statusCode(),
        response.uri(),
        ErrorBody.of(text),
        response.headers().firstValue("location").orElse(""),
        retryAfter(response.headers()));
  }

  /** Seconds, or a date, which is compared with the endpoint's own clock; null if it says none. */
  private static @Nullable Duration retryAfter(HttpHeaders headers) {
    String value = headers.firstValue("retry-after").orElse("");
    if (value.matches("\\d{1,9}(?:\\.\\d{1,9})?")) {
      return Duration.ofMillis((long) (1000 * Double.parseDouble(value)));
    }
    try {
      Duration wait = Duration.between(date(headers.firstValue("date").orElse("")), date(value));
      return wait.isNegative() ? Duration.ZERO : wait;
    } catch (DateTimeParseException e) {
      return null;
    }
  }

  private static Instant date(String value) {
    return DateTimeFormatter.RFC_1123_DATE_TIME.parse(value, Instant::from);
  }
}
