package io.athena.procedures.generation.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.athena.procedures.config.GenerationConfig;
import io.athena.procedures.generation.model.CodeModel.Answer;
import io.athena.procedures.generation.model.ModelException.Kind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Asks models a question, and hears what is told meanwhile. */
final class Asking {
  static final Prompt PROMPT =
      new Prompt("the rules of the house", List.of("a question nobody may log"));

  private Asking() {}

  /** What is told while a model is asked. */
  static final class Told implements CodeModel.Progress {
    final StringBuilder text = new StringBuilder();
    final List<String> notes = new ArrayList<>();
    final List<ModelException> again = new ArrayList<>();
    int parts;

    @Override
    public void text(String part) {
      text.append(part);
      parts++;
    }

    @Override
    public void note(String note) {
      notes.add(note);
    }

    @Override
    public void anew(ModelException why) {
      again.add(why);
      text.setLength(0);
    }
  }

  static Answer ask(CodeModel model) throws ModelException, InterruptedException {
    return model.ask(PROMPT, new Told());
  }

  static void assertFails(CodeModel model, Kind kind, String... messages) {
    assertThatThrownBy(() -> ask(model))
        .isInstanceOfSatisfying(
            ModelException.class,
            failure -> {
              assertThat(failure.kind()).as(failure.getMessage()).isEqualTo(kind);
              assertThat(failure.getMessage()).contains(messages);
            });
  }

  /** An endpoint's settings with times, and without a second try. */
  static GenerationConfig withTimes(StubEndpoint endpoint, Duration stall, Duration call) {
    GenerationConfig config = endpoint.config(StubEndpoint.KEY);
    return new GenerationConfig(
        config.provider(),
        config.model(),
        config.baseUrl(),
        config.apiKey(),
        config.answerFormat(),
        config.maxOutputTokens(),
        config.maxTokens(),
        stall,
        call,
        0);
  }
}
