package io.athena.procedures.generation.model;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.athena.procedures.config.GenerationConfig;
import io.athena.procedures.config.GenerationConfig.AnswerFormat;
import io.athena.procedures.config.Secret;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Speaks the protocol of a provider of models over HTTP, with events as they are streamed, and
 * answers what a test tells it to.
 */
public final class StubEndpoint implements AutoCloseable {
  /** The key that it takes. */
  public static final String KEY = "sk-stub-0123456789abcdef";

  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final CountDownLatch closing = new CountDownLatch(1);
  private final CountDownLatch left = new CountDownLatch(1);
  private final GenerationConfig.Provider provider;
  private final HttpServer server;
  private final Deque<Reply> replies = new ArrayDeque<>();
  private final List<CodeModel> models = new CopyOnWriteArrayList<>();
  private final List<JsonNode> requests = new CopyOnWriteArrayList<>();

  /** An answer to one request. */
  public interface Reply {
    /** Sends it. */
    void send(StubEndpoint endpoint, HttpExchange exchange) throws IOException;
  }

  /** Starts it; the last of the replies is repeated. */
  public StubEndpoint(GenerationConfig.Provider provider, Reply... replies) {
    this.provider = provider;
    this.replies.addAll(Arrays.asList(replies));
    try {
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    server.setExecutor(threads);
    server.createContext("/v1/", this::handle);
    server.start();
  }

  /** Settings for it, with short times. */
  public GenerationConfig config(@Nullable String key) {
    return new GenerationConfig(
        provider,
        "model-x",
        URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/v1"),
        key == null ? null : new Secret(key),
        AnswerFormat.SCHEMA,
        1_000,
        100_000,
        Duration.ofSeconds(20),
        Duration.ofSeconds(60),
        2);
  }

  /** A model that asks it, with hardly a pause between its tries. */
  public CodeModel model(GenerationConfig config) {
    CodeModel model = LanguageModels.of(config, () -> 0.5, Duration.ofMillis(10));
    models.add(model);
    return model;
  }

  /** With the key that it takes. */
  public CodeModel model() {
    return model(config(KEY));
  }

  /** Bodies of the requests. */
  public List<JsonNode> requests() {
    return requests;
  }

  /** True once a caller has gone away in the midst of an endless answer. */
  public boolean isLeft() throws InterruptedException {
    return left.await(20, TimeUnit.SECONDS);
  }

  /** A whole answer in pieces, that took 120 tokens in and 30 out. */
  public static Reply answer(String text) {
    return (endpoint, exchange) ->
        endpoint.stream(exchange, text, endpoint.isAnthropic() ? "end_turn" : "stop");
  }

  /** An answer that reaches the limit of its length. */
  public static Reply cut(String text) {
    return (endpoint, exchange) ->
        endpoint.stream(exchange, text, endpoint.isAnthropic() ? "max_tokens" : "length");
  }

  /** The model does not want to. */
  public static Reply refusal() {
    return (endpoint, exchange) ->
        endpoint.stream(exchange, "", endpoint.isAnthropic() ? "refusal" : "content_filter");
  }

  /** The connection ends in the midst of an answer. */
  public static Reply broken(String text) {
    return (endpoint, exchange) -> {
      OutputStream out = endpoint.begin(exchange);
      endpoint.piece(out, text);
      exchange.close();
    };
  }

  /** The endpoint says in the midst of an answer that it is overloaded, as Anthropic does. */
  public static Reply overloaded(String text) {
    return (endpoint, exchange) -> {
      OutputStream out = endpoint.begin(exchange);
      endpoint.piece(out, text);
      endpoint.event(
          out,
          "error",
          "{\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"Overloaded\"}}");
      exchange.close();
    };
  }

  /** An answer of so many megabytes, unless the caller goes before it ends. */
  public static Reply huge(int megabytes) {
    return (endpoint, exchange) -> {
      OutputStream out = endpoint.begin(exchange);
      String part = "x".repeat(1_000);
      try {
        for (int i = 0; i < megabytes * 1_000; i++) {
          endpoint.piece(out, part);
        }
        exchange.close();
      } catch (IOException gone) {
        endpoint.left.countDown();
      }
    };
  }

  /** These bytes for events. */
  public static Reply raw(String events) {
    return (endpoint, exchange) -> {
      exchange.getResponseHeaders().set("Content-Type", "text/event-stream");
      exchange.sendResponseHeaders(200, 0);
      exchange.getResponseBody().write(events.getBytes(UTF_8));
      exchange.close();
    };
  }

  /** An event that is no JSON. */
  public static Reply garbled() {
    return (endpoint, exchange) -> {
      OutputStream out = endpoint.begin(exchange);
      endpoint.event(out, "content_block_delta", "{\"index\": 0, \"delta\": {");
      exchange.close();
    };
  }

  /** An answer that begins and then is silent for ever. */
  public static Reply stall() {
    return (endpoint, exchange) -> {
      endpoint.piece(endpoint.begin(exchange), "{");
      try {
        endpoint.closing.await();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    };
  }

  /** An answer without end. */
  public static Reply endless() {
    return (endpoint, exchange) -> {
      OutputStream out = endpoint.begin(exchange);
      try {
        while (!endpoint.closing.await(10, TimeUnit.MILLISECONDS)) {
          endpoint.piece(out, "more ");
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      } catch (IOException gone) {
        endpoint.left.countDown();
      }
    };
  }

  /** A failure, with what the provider says and, if it is not empty, when to come again. */
  public static Reply status(int status, String message, String retryAfter) {
    return (endpoint, exchange) -> {
      if (!retryAfter.isEmpty()) {
        exchange.getResponseHeaders().set("Retry-After", retryAfter);
      }
      byte[] body = json(Map.of("error", Map.of("message", message))).getBytes(UTF_8);
      exchange.getResponseHeaders().set("Content-Type", "application/json");
      exchange.sendResponseHeaders(status, body.length);
      exchange.getResponseBody().write(body);
      exchange.close();
    };
  }

  /** Any answer: its status, type, body, and further headers as name and value in turns. */
  public static Reply page(int status, String type, String body, String... headers) {
    return (endpoint, exchange) -> {
      exchange.getResponseHeaders().set("Content-Type", type);
      for (int i = 0; i < headers.length; i += 2) {
        exchange.getResponseHeaders().set(headers[i], headers[i + 1]);
      }
      byte[] bytes = body.getBytes(UTF_8);
      exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
      exchange.getResponseBody().write(bytes);
      exchange.close();
    };
  }

  private boolean isAnthropic() {
    return provider == GenerationConfig.Provider.ANTHROPIC;
  }

  private void handle(HttpExchange exchange) throws IOException {
    byte[] body = exchange.getRequestBody().readAllBytes();
    String path = isAnthropic() ? "/v1/messages" : "/v1/chat/completions";
    if (!exchange.getRequestURI().getPath().equals(path)) {
      status(404, "no such path", "").send(this, exchange);
      return;
    }
    String key =
        isAnthropic() ? exchange.getRequestHeaders().getFirst("x-api-key") : bearer(exchange);
    if (!KEY.equals(key)) {
      // As OpenAI does, it repeats what it got.
      status(401, "Incorrect API key provided: " + key, "").send(this, exchange);
      return;
    }
    requests.add(JsonMapper.shared().readTree(body));
    Reply reply;
    synchronized (replies) {
      reply = Objects.requireNonNull(replies.size() > 1 ? replies.poll() : replies.peek());
    }
    reply.send(this, exchange);
  }

  private static @Nullable String bearer(HttpExchange exchange) {
    String authorization = exchange.getRequestHeaders().getFirst("Authorization");
    return authorization == null ? null : authorization.replace("Bearer ", "");
  }

  private void stream(HttpExchange exchange, String text, String reason) throws IOException {
    OutputStream out = begin(exchange);
    for (int at = 0; at < text.length(); at += 37) {
      piece(out, text.substring(at, Math.min(text.length(), at + 37)));
    }
    if (isAnthropic()) {
      event(out, "content_block_stop", "{\"type\":\"content_block_stop\",\"index\":0}");
      event(
          out,
          "message_delta",
          json(
              Map.of(
                  "type", "message_delta",
                  "delta", Map.of("stop_reason", reason),
                  "usage", Map.of("output_tokens", 30))));
      event(out, "message_stop", "{\"type\":\"message_stop\"}");
    } else {
      event(out, "", chunk(Map.of(), reason));
      event(
          out,
          "",
          "{\"id\":\"c\",\"model\":\"model-x-1\",\"choices\":[],\"usage\":{\"prompt_tokens\":120,\"completion_tokens\":30,\"total_tokens\":150}}");
      event(out, "", "[DONE]");
    }
    exchange.close();
  }

  private OutputStream begin(HttpExchange exchange) throws IOException {
    exchange.getResponseHeaders().set("Content-Type", "text/event-stream");
    exchange.sendResponseHeaders(200, 0);
    OutputStream out = exchange.getResponseBody();
    if (isAnthropic()) {
      event(
          out,
          "message_start",
          "{\"type\":\"message_start\",\"message\":{\"id\":\"m\",\"model\":\"model-x-1\",\"usage\":{\"input_tokens\":20,\"cache_read_input_tokens\":100,\"output_tokens\":1}}}");
      event(
          out,
          "content_block_start",
          "{\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":\"text\",\"text\":\"\"}}");
      event(out, "ping", "{\"type\":\"ping\"}");
    }
    return out;
  }

  private void piece(OutputStream out, String text) throws IOException {
    if (isAnthropic()) {
      event(
          out,
          "content_block_delta",
          json(
              Map.of(
                  "type",
                  "content_block_delta",
                  "index",
                  0,
                  "delta",
                  Map.of("type", "text_delta", "text", text))));
    } else {
      event(out, "", chunk(Map.of("role", "assistant", "content", text), null));
    }
  }

  private static String chunk(Map<String, Object> delta, @Nullable String reason) {
    var choice = JsonMapper.shared().createObjectNode();
    choice.put("index", 0).set("delta", JsonMapper.shared().valueToTree(delta));
    choice.put("finish_reason", reason);
    return json(Map.of("id", "c", "model", "model-x-1", "choices", List.of(choice)));
  }

  private void event(OutputStream out, String name, String data) throws IOException {
    String event = (name.isEmpty() ? "" : "event: " + name + "\n") + "data: " + data + "\n\n";
    out.write(event.getBytes(UTF_8));
    out.flush();
  }

  private static String json(Object value) {
    return JsonMapper.shared().writeValueAsString(value);
  }

  @Override
  public void close() {
    closing.countDown();
    models.forEach(CodeModel::close);
    server.stop(0);
    threads.close();
  }
}
