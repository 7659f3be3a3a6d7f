package io.athena.procedures.generation;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import io.athena.procedures.v1.ExecutionEvent.Completed;
import io.athena.procedures.v1.Outcome;
import io.athena.procedures.v1.Parameter;
import io.athena.procedures.v1.ParameterType;
import io.athena.procedures.v1.Procedure;
import io.athena.procedures.v1.Step;
import java.io.IOException;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Texts that try to break out of their literal, in every place where a procedure's words get into
 * code. Python's own parser says whether the code's structure is still that of an innocent text.
 */
final class InjectionTest {
  private static final List<String> TEXTS =
      List.of(
          "\"; import os; os.abort() #",
          "'); raise SystemExit(1) #",
          "\"\"\"\nimport os\n\"\"\"",
          "x\nimport os",
          "x\r\nimport os",
          "x\u2028import os\u2029import sys\u0085import re",
          "{__import__('os').system('id')}",
          "}{0}{{text}",
          "\\\"; import os #",
          "\\\\\"\\N{BULLET}\\x41\\u0041\\",
          "\u202e\u2066 tro jan \u2069\u200b\ufeff",
          "\0\u0001\u001b[31m\f\u000b".replace("\0", ""),
          "𝐢𝐦𝐩𝐨𝐫𝐭 ｏｓ ‘\u2019\uff02; #");

  private static final RuleGenerator GENERATOR = new RuleGenerator(Catalogue.load());

  private static Sandbox sandbox;

  @BeforeAll
  static void start() {
    sandbox = new Sandbox();
  }

  @AfterAll
  static void stop() throws IOException {
    sandbox.close();
  }

  /** Where a text gets into code. */
  private enum Place {
    UNKNOWN_STEP {
      @Override
      Procedure.Builder with(String text) {
        return procedure().addSteps(step("Do something impossible " + text));
      }
    },
    ARGUMENT {
      @Override
      Procedure.Builder with(String text) {
        return procedure()
            .addSteps(
                Step.newBuilder()
                    .setDescription("Call")
                    .setAction("any.tool")
                    .setArguments(Struct.newBuilder().putFields("value", string(plain(text)))));
      }
    },
    TOOL_AND_ARGUMENT_NAMES {
      @Override
      Procedure.Builder with(String text) {
        return procedure()
            .addSteps(
                Step.newBuilder()
                    .setDescription("Call")
                    .setAction("tool " + text)
                    .setArguments(Struct.newBuilder().putFields("a key " + text, string("value"))));
      }
    },
    NAMES_AND_DOCUMENTATION {
      @Override
      Procedure.Builder with(String text) {
        return procedure()
            .setName("name " + text)
            .setDescription("About " + text)
            .addPostconditions("Then " + text)
            .setParameters(
                0,
                Parameter.newBuilder()
                    .setName("text")
                    .setType(ParameterType.PARAMETER_TYPE_STRING)
                    .setDescription("Meaning " + text)
                    .setDefaultValue(string("Default " + text)))
            .addSteps(step("Return the text"));
      }
    },
    TEMPLATE {
      @Override
      Procedure.Builder with(String text) {
        return procedure()
            .setTemplate("Dear {{text}}, " + plain(text))
            .addSteps(step("Fill in the template"));
      }
    };

    abstract Procedure.Builder with(String text);

    /** In these places double braces are variables, which is not what is tried here. */
    static String plain(String text) {
      return text.replace("{{", "{ {");
    }
  }

  record Attempt(Place place, String text) {
    @Override
    public String toString() {
      return place + " " + PythonText.literal(text);
    }
  }

  static Stream<Attempt> attempts() {
    return Stream.of(Place.values())
        .flatMap(place -> TEXTS.stream().map(text -> new Attempt(place, text)));
  }

  @ParameterizedTest
  @MethodSource("attempts")
  void noTextChangesTheStructureOfTheCode(Attempt attempt) {
    Draft draft = GENERATOR.generate(attempt.place().with(attempt.text()).build());
    Draft innocent = GENERATOR.generate(attempt.place().with("innocent").build());

    assertThat(structure(draft.code()))
        .as(draft.code())
        .isEqualTo(structure(innocent.code()))
        .startsWith("Module(");
    // Nothing invisible, and nothing that changes the order of what a reader sees.
    assertThat(draft.code().codePoints())
        .allMatch(c -> c == '\n' || !(Character.isISOControl(c) || isInvisible(c)));
  }

  private static boolean isInvisible(int c) {
    return switch (Character.getType(c)) {
      case Character.FORMAT, Character.LINE_SEPARATOR, Character.PARAGRAPH_SEPARATOR -> true;
      default -> false;
    };
  }

  /** Python's own view of the code, with every literal of text taken for the same. */
  private static String structure(String code) {
    Completed completed =
        sandbox.run(
            Procedure.newBuilder().setName("structure").build(),
            """
            import ast


            def structure(code: str) -> str:
                tree = ast.parse(code)
                for node in ast.walk(tree):
                    if isinstance(node, ast.Constant) and isinstance(node.value, str):
                        node.value = "text"
                return ast.dump(tree)
            """,
            Struct.newBuilder().putFields("code", string(code)).build());
    assertThat(completed.getOutcome())
        .as("%s%n%s", completed.getFailure(), code)
        .isEqualTo(Outcome.OUTCOME_SUCCESS);
    return completed.getResult().getStringValue();
  }

  private static Procedure.Builder procedure() {
    return Procedure.newBuilder()
        .setName("injected")
        .addParameters(
            Parameter.newBuilder()
                .setName("text")
                .setType(ParameterType.PARAMETER_TYPE_STRING)
                .setRequired(true));
  }

  private static Step step(String description) {
    return Step.newBuilder().setDescription(description).build();
  }

  private static Value string(String text) {
    return Value.newBuilder().setStringValue(text).build();
  }
}
