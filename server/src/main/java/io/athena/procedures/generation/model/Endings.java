package io.athena.procedures.generation.model;

import dev.langchain4j.http.client.sse.ServerSentEvent;
import dev.langchain4j.model.anthropic.AnthropicChatResponseMetadata;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.openai.OpenAiChatResponseMetadata;
import dev.langchain4j.model.output.FinishReason;
import io.athena.procedures.generation.model.CodeModel.Ending;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * How answers ended. LangChain4j knows neither Anthropic's {@code refusal} nor the refusal that
 * OpenAI sends in place of text, so that the events themselves are read where it is in doubt. An
 * answer without text is not taken for a refusal: models also say nothing by mistake.
 */
final class Endings {
  private Endings() {}

  static Ending of(FinishReason reason, ChatResponse response, String text) {
    return switch (reason) {
      case LENGTH -> Ending.CUT;
      case CONTENT_FILTER -> Ending.REFUSED;
      case STOP, TOOL_EXECUTION -> text.isBlank() ? told(response) : Ending.COMPLETE;
      case OTHER -> told(response);
    };
  }

  private static Ending told(ChatResponse response) {
    Ending told = Ending.COMPLETE;
    for (ServerSentEvent event : events(response)) {
      JsonNode data = json(event.data());
      JsonNode refusal = data.path("choices").path(0).path("delta").path("refusal");
      String reason = data.path("delta").path("stop_reason").asString("");
      if (reason.equals("refusal") || !refusal.asString("").isBlank()) {
        return Ending.REFUSED;
      }
      if (reason.equals("model_context_window_exceeded")) {
        told = Ending.CUT;
      }
    }
    return told;
  }

  private static List<ServerSentEvent> events(ChatResponse response) {
    @Nullable List<ServerSentEvent> events =
        switch (response.metadata()) {
          case AnthropicChatResponseMetadata anthropic -> anthropic.rawServerSentEvents();
          case OpenAiChatResponseMetadata openAi -> openAi.rawServerSentEvents();
          case null, default -> null;
        };
    return events == null ? List.of() : events;
  }

  /** What is no JSON, such as OpenAI's mark at the end, tells nothing here. */
  private static JsonNode json(String data) {
    try {
      return JsonMapper.shared().readTree(data);
    } catch (JacksonException e) {
      return JsonMapper.shared().missingNode();
    }
  }
}
