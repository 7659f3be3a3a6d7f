package io.athena.procedures.generation;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import io.athena.procedures.v1.ExecutionEvent.Completed;
import io.athena.procedures.v1.GenerateProcedureCodeResponse.StepReport;
import io.athena.procedures.v1.Outcome;
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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

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

  @ParameterizedTest
  @ValueSource(strings = {"; rm -rf /", "$(x)", "two words", "&a=b", "../", "`x`", "'; x; '", "\""})
  void aValueIsOneWordOfACommand(String value) {
    String quoted = "'" + value.replace("'", "'\"'\"'") + "'";
    assertThat(argument("Run the command `git checkout {{text}}` in the shell", value))
        .isEqualTo("git checkout " + (value.equals("../") ? value : quoted));
    // Within quotes they are closed before it.
    assertThat(argument("Run the command `echo \"a {{text}}\"` in the shell", value))
        .isEqualTo("echo \"a \"" + (value.equals("../") ? value : quoted) + "\"\"");
    assertThat(argument("Run the shell command {{text}}", value)).isEqualTo(value);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"echo $(echo {{text}})", "sh -c 'echo {{text}}'", "eval {{text}}", "# {{text}}"})
  void aValueThatTheShellWouldReadAgainIsRefused(String command) {
    Draft draft =
        GENERATOR.generate(
            procedure().addSteps(step("Run the command `" + command + "` in the shell")).build());

    assertThat(draft.steps().getFirst())
        .returns(false, StepReport::getCovered)
        .satisfies(report -> assertThat(report.getMessage()).contains("no quoting makes it safe"));
  }

  @ParameterizedTest
  @CsvSource({
    "; rm -rf /, %3B%20rm%20-rf%20%2F",
    "$(x), %24%28x%29",
    "two words, two%20words",
    "&a=b, %26a%3Db",
    "../, ..%2F",
    "?a#b, %3Fa%23b"
  })
  void aValueIsOnePartOfAnAddress(String value, String escaped) {
    assertThat(argument("Fetch https://example.org/users/{{text}}/name", value))
        .isEqualTo("https://example.org/users/" + escaped + "/name");
    assertThat(argument("Fetch https://example.org/?q={{text}}&p=1", value))
        .isEqualTo("https://example.org/?q=" + escaped + "&p=1");
    assertThat(argument("Fetch {{text}}", value)).isEqualTo(value);
  }

  /** What the only call of a tool is given. */
  private static String argument(String step, String value) {
    Procedure procedure = procedure().addSteps(step(step)).build();
    Draft draft = GENERATOR.generate(procedure);
    assertThat(draft.coverage()).as(draft.steps().toString()).isEqualTo(1.0);
    List<String> arguments = new ArrayList<>();
    Completed completed =
        sandbox.run(
            procedure,
            draft.code(),
            Struct.newBuilder().putFields("text", string(value)).build(),
            Map.of(),
            call -> {
              call.getArguments()
                  .getFieldsMap()
                  .values()
                  .forEach(argument -> arguments.add(argument.getStringValue()));
              return string("done");
            });
    assertThat(completed.getOutcome())
        .as("%s%n%s", completed.getFailure(), draft.code())
        .isEqualTo(Outcome.OUTCOME_SUCCESS);
    assertThat(arguments).hasSize(1);
    return arguments.getFirst();
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
