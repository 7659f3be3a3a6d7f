package io.athena.procedures.generation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import io.athena.procedures.v1.Example;
import io.athena.procedures.v1.ExecutionEvent.Completed;
import io.athena.procedures.v1.ExecutionEvent.ToolCall;
import io.athena.procedures.v1.Parameter;
import io.athena.procedures.v1.ParameterType;
import io.athena.procedures.v1.Procedure;
import io.athena.procedures.v1.Step;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every action's own tests, in real containers. */
final class CatalogueTest {
  private static final Catalogue CATALOGUE = Catalogue.load();
  private static final RuleGenerator GENERATOR = new RuleGenerator(CATALOGUE);

  private static Sandbox sandbox;

  @BeforeAll
  static void start() {
    sandbox = new Sandbox();
  }

  @AfterAll
  static void stop() throws IOException {
    sandbox.close();
  }

  record Try(Action action, Action.Trial trial) {
    @Override
    public String toString() {
      return action.name() + ": " + trial.step();
    }
  }

  static Stream<Try> tries() {
    return CATALOGUE.actions().stream()
        .flatMap(action -> action.trials().stream().map(trial -> new Try(action, trial)));
  }

  /** What nouns and comparisons stand for is seen in steps that name them. */
  static Stream<Try> phrases() {
    return Stream.concat(CATALOGUE.nouns().stream(), CATALOGUE.comparisons().stream())
        .flatMap(action -> action.trials().stream().map(trial -> new Try(action, trial)));
  }

  @ParameterizedTest
  @MethodSource("phrases")
  void aPhraseStandsForWhatItSays(Try one) {
    assertGives(one, "");
  }

  @ParameterizedTest
  @MethodSource("tries")
  void anActionDoesWhatItsStepSays(Try one) {
    assertGives(one, one.action().name());
  }

  private static void assertGives(Try one, String action) {
    Struct given = Json.value(one.trial().given()).getStructValue();
    Procedure.Builder procedure =
        Procedure.newBuilder()
            .setName("trial")
            .addSteps(Step.newBuilder().setDescription(one.trial().step()))
            .addExamples(Example.newBuilder().setParameters(given));
    given
        .getFieldsMap()
        .forEach((name, value) ->
            procedure.addParameters(
                Parameter.newBuilder().setName(name).setType(type(value)).setRequired(true)));

    Draft draft = GENERATOR.generate(procedure.build());

    assertThat(draft.steps().getFirst().getCovered()).as(draft.steps().toString()).isTrue();
    assertThat(draft.steps().getFirst().getMessage()).contains(action);
    List<ToolCall> calls = new ArrayList<>();
    Completed completed =
        sandbox.run(
            procedure.build(),
            draft.code(),
            given,
            Map.of(),
            call -> {
              calls.add(call);
              // Wrong arguments get the answer too, so that the comparison below shows them.
              return calls.size() <= one.trial().tools().size()
                  ? Json.value(one.trial().tools().get(calls.size() - 1).answer())
                  : Value.getDefaultInstance();
            });
    assertThat(completed.getFailure().getTraceback()).as(draft.code()).isEmpty();
    assertThat(calls)
        .as(draft.code())
        .extracting(ToolCall::getName, ToolCall::getArguments)
        .containsExactlyElementsOf(
            one.trial().tools().stream()
                .map(call -> tuple(call.name(), Json.value(call.arguments()).getStructValue()))
                .toList());
    assertThat(completed.getResult()).as(draft.code()).isEqualTo(Json.value(one.trial().gives()));
  }

  @Test
  void whatCallsAToolIsTriedWithTheCallThatItMakes() {
    List<Action> calling =
        CATALOGUE.actions().stream().filter(action -> !action.tool().isEmpty()).toList();

    assertThat(calling).extracting(Action::name).contains("git.add", "chat.send", "tool.call");
    assertThat(calling)
        .filteredOn(action ->
            action.trials().isEmpty()
                || !action.trials().stream().allMatch(trial -> calls(action, trial)))
        .extracting(Action::name)
        .isEmpty();
  }

  private static boolean calls(Action action, Action.Trial trial) {
    return trial.tools().stream()
        .anyMatch(call -> action.tool().equals("*") || action.tool().equals(call.name()));
  }

  @Test
  void thereAreAtLeastSixtyActionsWithTests() {
    List<Action> tried =
        CATALOGUE.actions().stream().filter(action -> !action.trials().isEmpty()).toList();
    assertThat(tried).hasSizeGreaterThanOrEqualTo(60);
    assertThat(CATALOGUE.actions())
        .allSatisfy(action -> {
          assertThat(action.about()).as(action.name()).isNotEmpty();
          assertThat(action.trials().isEmpty())
              .as(action.name())
              .isEqualTo(UNTRIED.contains(action.name()));
        });
  }

  /** Of the day, of standard output, and of files that a trial does not have. */
  private static final List<String> UNTRIED =
      List.of("date.today", "value.log", "tests.cover", "tests.run");

  private static ParameterType type(Value value) {
    return switch (value.getKindCase()) {
      case STRING_VALUE -> ParameterType.PARAMETER_TYPE_STRING;
      case NUMBER_VALUE -> ParameterType.PARAMETER_TYPE_NUMBER;
      case BOOL_VALUE -> ParameterType.PARAMETER_TYPE_BOOLEAN;
      case LIST_VALUE -> ParameterType.PARAMETER_TYPE_ARRAY;
      case STRUCT_VALUE -> ParameterType.PARAMETER_TYPE_OBJECT;
      case NULL_VALUE, KIND_NOT_SET -> ParameterType.PARAMETER_TYPE_UNSPECIFIED;
    };
  }
}
