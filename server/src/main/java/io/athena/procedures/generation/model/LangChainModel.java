package io.athena.procedures.generation.model;

import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.ChatMessage;
import dev.langchain4j.data.message.SystemMessage;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.model.anthropic.AnthropicTokenUsage;
import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import dev.langchain4j.model.output.FinishReason;
import dev.langchain4j.model.output.TokenUsage;
import io.athena.procedures.error.UnavailableException;
import io.grpc.Context;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A model that LangChain4j asks. */
final class LangChainModel implements CodeModel {
  private static final Duration LOOK_AROUND = Duration.ofMillis(100);

  /** Where the caller is slower than the model, the model waits. */
  private static final int MOST_UNHEARD = 256;

  private final String name;
  private final StreamingChatModel model;
  private final ModelHttpClient client;
  private final Failures failures;
  private final Duration stallTimeout;
  private final Duration callTimeout;

  /**
   * With the times that one answer may take.
   *
   * @param model on the client
   * @param client ends with an interrupt; closed with this model
   */
  LangChainModel(
      String name,
      StreamingChatModel model,
      ModelHttpClient client,
      Failures failures,
      Duration stallTimeout,
      Duration callTimeout) {
    this.name = name;
    this.model = model;
    this.client = client;
    this.failures = failures;
    this.stallTimeout = stallTimeout;
    this.callTimeout = callTimeout;
  }

  /** What the thread that reads the answer tells the one that waits for it. */
  private sealed interface Heard {
    record Text(String part) implements Heard {}

    /** A sign of life without text. */
    record Sign() implements Heard {}

    record Complete(ChatResponse response) implements Heard {}

    record Failed(Throwable failure) implements Heard {}

    /** The reader has ended; nothing comes after it. */
    record Over() implements Heard {}
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public Answer ask(Prompt prompt, Progress progress) throws ModelException, InterruptedException {
    ChatRequest request = ChatRequest.builder().messages(messages(prompt)).build();
    BlockingQueue<Heard> heard = new ArrayBlockingQueue<>(MOST_UNHEARD);
    Thread reader = Thread.ofVirtual().name("model-answer").start(() -> read(request, heard));
    try {
      return await(heard, progress);
    } finally {
      reader.interrupt();
      reader.join();
    }
  }

  @Override
  public void close() {
    client.close();
  }

  private static List<ChatMessage> messages(Prompt prompt) {
    List<ChatMessage> messages = new ArrayList<>();
    messages.add(SystemMessage.from(prompt.system()));
    for (int i = 0; i < prompt.turns().size(); i++) {
      String turn = prompt.turns().get(i);
      messages.add(i % 2 == 0 ? UserMessage.from(turn) : AiMessage.from(turn));
    }
    return messages;
  }

  private void read(ChatRequest request, BlockingQueue<Heard> heard) {
    try {
      model.chat(
          request,
          new StreamingChatResponseHandler() {
            @Override
            public void onPartialResponse(String text) {
              put(heard, new Heard.Text(text));
            }

            @Override
            public void onUnmappedRawEvent(Object event) {
              put(heard, new Heard.Sign());
            }

            @Override
            public void onCompleteResponse(ChatResponse response) {
              put(heard, new Heard.Complete(response));
            }

            @Override
            public void onError(Throwable failure) {
              put(heard, new Heard.Failed(failure));
            }
          });
    } catch (RuntimeException e) {
      put(heard, new Heard.Failed(e));
    } finally {
      put(heard, new Heard.Over());
    }
  }

  /** Waits for room. Whoever does not listen any more interrupts. */
  private static void put(BlockingQueue<Heard> heard, Heard next) {
    try {
      heard.put(next);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private Answer await(BlockingQueue<Heard> heard, Progress progress)
      throws ModelException, InterruptedException {
    StringBuilder text = new StringBuilder();
    long begin = System.nanoTime();
    long last = begin;
    while (true) {
      Heard next = heard.poll(LOOK_AROUND.toNanos(), TimeUnit.NANOSECONDS);
      requireCaller();
      long now = System.nanoTime();
      if (next != null) {
        last = now;
      }
      switch (next) {
        case Heard.Text(String part) -> {
          text.append(part);
          progress.text(part);
          // A caller that reads slowly is no silence of the model.
          last = System.nanoTime();
        }
        case Heard.Complete(ChatResponse response) -> {
          return answer(response, text.toString());
        }
        case Heard.Failed(Throwable failure) -> throw failures.of(failure);
        case Heard.Over() -> throw failures.brokenOff();
        case Heard.Sign() -> {}
        case null -> {}
      }
      if (now - last > stallTimeout.toNanos()) {
        throw failures.timedOut("said nothing for " + seconds(stallTimeout));
      }
      if (now - begin > callTimeout.toNanos()) {
        throw failures.timedOut("did not end its answer within " + seconds(callTimeout));
      }
    }
  }

  private static String seconds(Duration time) {
    return "%.3g s".formatted(time.toMillis() / 1000.0);
  }

  private static void requireCaller() {
    if (Context.current().isCancelled()) {
      throw new UnavailableException("CALLER_GONE", "the caller went away", Map.of());
    }
  }

  private Answer answer(ChatResponse response, String heard) throws ModelException {
    FinishReason reason = response.finishReason();
    if (reason == null) {
      // An endpoint of OpenAI's kind that goes away ends the stream as if all were well.
      throw failures.brokenOff();
    }
    String whole = Objects.requireNonNullElse(response.aiMessage().text(), heard);
    return new Answer(
        whole,
        Objects.requireNonNullElse(response.modelName(), name),
        usage(response.tokenUsage()),
        Endings.of(reason, response, whole));
  }

  private static Usage usage(@Nullable TokenUsage usage) {
    if (usage == null) {
      return Usage.NONE;
    }
    long kept =
        usage instanceof AnthropicTokenUsage anthropic
            // Which Anthropic counts apart.
            ? (long) number(anthropic.cacheCreationInputTokens())
                + number(anthropic.cacheReadInputTokens())
            : 0;
    return new Usage(number(usage.inputTokenCount()) + kept, number(usage.outputTokenCount()));
  }

  private static int number(@Nullable Integer count) {
    return count == null ? 0 : count;
  }
}
