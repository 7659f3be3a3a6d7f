package io.athena.procedures.generation;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import io.athena.procedures.v1.GenerateProcedureCodeResponse.StepReport;
import io.athena.procedures.v1.Parameter;
import io.athena.procedures.v1.ParameterType;
import io.athena.procedures.v1.Procedure;
import io.athena.procedures.v1.Step;
import java.util.List;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the rules make of what steps say, as it stands in the code. */
final class RuleGeneratorTest {
  private static final RuleGenerator GENERATOR = new RuleGenerator(Catalogue.load());

  @Test
  void codeIsTypedDocumentedAndTellsEachStep() {
    Procedure.Builder procedure = text("Split the text into words", "Count them");
    procedure.setName("count_words").setDescription("Counts words");
    procedure.getParametersBuilder(0).setDescription("What to count in");

    assertThat(GENERATOR.generate(procedure.build()).code())
        .isEqualTo(
            """
            \"""Counts words.\"""

            from __future__ import annotations

            import re


            def count_words(text: str) -> float:
                \"""Counts words.

                Args:
                    text: What to count in.

                Returns:
                    What the last step makes.
                \"""
                # Step 1: Split the text into words
                words = re.findall(r"\\w+(?:['’-]\\w+)*", text)
                # Step 2: Count them
                count = len(words)
                return count
            """);
  }

  @Test
  void conditionsLoopsAndRetriesBecomeTheirOwn() {
    assertThat(code(text("If the text is empty, return \"nothing\"", "Otherwise reverse it")))
        .contains("    if _is_empty(text):\n        return \"nothing\"\n")
        .contains("reversed_text = text[::-1]");
    assertThat(code(text("Split the text into lines", "For each line, trim it")))
        .contains("[line.strip() for line in lines]");
    assertThat(code(text("Fetch https://example.org/{{text}}", "Retry up to 3 times")))
        .contains(
            "for attempt in range(1, 3 + 1):\n        try:\n            response = tools.call(")
        .contains("if attempt == 3:\n                raise");
  }

  @Test
  void actionsAndArgumentsAreTakenLiterally() {
    Procedure.Builder known = text();
    known.addSteps(
        Step.newBuilder()
            .setDescription("Whatever")
            .setAction("text.replace")
            .setArguments(
                Struct.newBuilder()
                    .putFields("old", string("{{text}}"))
                    .putFields("new", string("<{{text}}>"))));
    assertThat(code(known)).contains("text.replace(text, f\"<{text}>\")");

    Procedure.Builder tool = text();
    tool.addSteps(
        Step.newBuilder()
            .setDescription("Whatever")
            .setAction("crm.update")
            .setArguments(Struct.newBuilder().putFields("note", string("{{text}}"))));
    Draft draft = GENERATOR.generate(tool.build());
    assertThat(draft.code()).contains("tools.call(\"crm.update\", note=text)");
    assertThat(draft.tools()).containsExactly("crm.update");

    Procedure.Builder wrong = text();
    wrong.addSteps(
        Step.newBuilder()
            .setDescription("Whatever")
            .setAction("text.upper")
            .setArguments(Struct.newBuilder().putFields("speed", string("x"))));
    assertThat(reports(wrong).getFirst().getMessage()).contains("no argument 'speed'");
  }

  @Test
  void whatOneToolAnsweredIsNotTheMessageOfAnother() {
    Procedure.Builder commit =
        Procedure.newBuilder()
            .setName("commit_changes")
            .addSteps(Step.newBuilder().setDescription("Stage all changes"))
            .addSteps(Step.newBuilder().setDescription("Commit with message"));

    assertThat(reports(commit)).last().extracting(StepReport::getCovered).isEqualTo(false);
    commit.addParameters(Parameter.newBuilder().setName("message"));
    assertThat(code(commit)).contains("tools.call(\"git.commit\", message=message)");
  }

  @Test
  void whatCannotBeReadSaysWhy() {
    assertThat(reports(text("Return \"{{city}} is fine\"")).getFirst().getMessage())
        .contains("{{city}} is neither a parameter nor made by an earlier step");
    assertThat(reports(text("Return \"{{text is open\"")).getFirst().getMessage())
        .contains("it has {{ without }}");
    assertThat(reports(text("Fill in the template")).getFirst().getMessage())
        .contains("has no template");
    assertThat(reports(text("word ".repeat(200))).getFirst().getMessage())
        .contains("more than 400 characters");
  }

  @Test
  void aValueThatTheWordsNameGoesBeforeWhatWasMadeLast() {
    Procedure.Builder procedure = text("Stage all changes", "Commit with message");
    procedure.getParametersBuilder(0).setName("message");

    assertThat(code(procedure)).contains("tools.call(\"git.commit\", message=message)");
  }

  @Test
  void whatHasNoResultWhereAConditionFailsIsNotDone() {
    List<Procedure.Builder> lacking =
        List.of(
            text("If the text contains \"x\", count the words in the text"),
            text("Count the words in the text if the text contains \"x\""),
            text("Unless the text is empty, count the words in the text"),
            text("If the text is empty, return 0"),
            text("Return 0 if the text is empty", "Log the text"),
            text("If the text is empty, count the words, otherwise log the text"),
            text(
                "Split the text into lines",
                "For each line, if the line is empty, count its words"),
            text(
                "If the text is \"a\", return 1",
                "Otherwise, if the text is \"b\", count the words in the text"),
            text("If the text is \"a\", return 1", "Otherwise, if the text is \"b\", return 2"));
    assertThat(lacking)
        .allSatisfy(procedure -> {
          Draft draft = GENERATOR.generate(procedure.build());
          assertThat(draft.steps())
              .as(draft.code())
              .filteredOn(step -> !step.getCovered())
              .singleElement()
              .satisfies(step ->
                  assertThat(step.getMessage()).startsWith("what is the result otherwise?"));
          assertThat(draft.code()).contains("is not implemented").doesNotContain("= None");
        });
  }

  @Test
  void aStepAfterAConditionalOneGivesItsResultBothWays() {
    assertThat(
            reports(
                text(
                    "If the text is empty, log the text", "Otherwise count the words in the text")))
        .last()
        .returns(
            "what is the result where the condition of the step before holds?",
            StepReport::getMessage);
    assertThat(
            reports(
                text(
                    "If the text is empty, count the words in the text", "Otherwise log the text")))
        .last()
        .returns(false, StepReport::getCovered);
  }

  @Test
  void whatIsDoneForItsEffectMayBeLeftOut() {
    assertThat(reports(text("If the text is empty, fetch https://example.org")).getFirst())
        .returns(true, StepReport::getCovered)
        .satisfies(report ->
            assertThat(report.getMessage())
                .endsWith("nothing comes of it where the condition does not hold"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          Translate the text into French                |
          Send the report by carrier pigeon             |
          Make a bar chart of the sales                 |
          Convert the amounts from dollars to euros     |
          Shuffle the words randomly                    |
          Encrypt the text with the password            |
          Calculate the compound interest               |
          Count the sheep in the text                   | count (number of )(the )occurrences of each/every character in {text}
          Remove the vowels except a                    | remove/delete/drop/strip (all )(every )vowels/vowel from/in {text}
          Summarise the text in two sentences           | split/break/divide/cut/separate {text} (up )(in)to (individual )sentences
          """)
  void patternsAreToldOnlyIfTheyAreNear(String step, @Nullable String nearest) {
    assertThat(reports(text(step)).getFirst())
        .returns(false, StepReport::getCovered)
        .extracting(StepReport::getMessage, InstanceOfAssertFactories.STRING)
        .contains(nearest == null ? "; no pattern is near it" : "; nearest are \"" + nearest + '"');
  }

  @Test
  void everyWordOfAStepCounts() {
    assertThat(reports(text("Split the text into lines", "Sort the customers alphabetically")))
        .last()
        .satisfies(report -> {
          assertThat(report.getCovered()).isFalse();
          assertThat(report.getMessage())
              .startsWith("'customers' is not understood; nearest are \"sort/order");
        });
    assertThat(reports(text("Convert the text to lowercase except the first letter")))
        .noneMatch(StepReport::getCovered);
    assertThat(reports(text("Return the sorted text"))).noneMatch(StepReport::getCovered);
    assertThat(reports(text("Fetch https://example.org", "Retry 3 times until the status is 200")))
        .last()
        .returns(false, StepReport::getCovered);
  }

  @Test
  void bracesThatAreNotClosedAreFoundWhereverTheyStand() {
    assertThat(reports(text("Uppercase the {{text")).getFirst().getMessage())
        .isEqualTo("it has {{ without }} in line 1, column 15");
    assertThat(
            reports(text("Fill in the template").setTemplate("Dear {{text}},\nyour {{text"))
                .getFirst())
        .returns(false, StepReport::getCovered)
        .returns("it has {{ without }} in line 2, column 6", StepReport::getMessage);
    assertThat(reports(text().setTemplate("result = {{text\n")).getFirst())
        .returns(false, StepReport::getCovered);
  }

  @Test
  void parametersMayBeCalledLikeModulesAndBuiltins() {
    Procedure.Builder procedure = Procedure.newBuilder().setName("list");
    procedure
        .addParameters(
            Parameter.newBuilder()
                .setName("csv")
                .setType(ParameterType.PARAMETER_TYPE_STRING)
                .setRequired(true))
        .addSteps(Step.newBuilder().setDescription("Parse the CSV"));

    assertThat(code(procedure))
        .contains("def main(csv: str) -> list[dict[str, Any]]:")
        .contains("return _main(csv)")
        .contains("rows = _rows(csv_)");
  }

  @Test
  void aThousandStepsAreReadInOrder() {
    String[] steps = new String[1_000];
    java.util.Arrays.fill(steps, "Append \"x\" to the text");

    Draft draft = GENERATOR.generate(text(steps).build());

    assertThat(draft.coverage()).isEqualTo(1.0);
    assertThat(draft.code()).contains("# Step 1000: ");
  }

  @Test
  void aTemplateAloneIsFilledAndOneOfCodeIsCode() {
    Procedure.Builder mail = text().setTemplate("Dear {{text}}!");
    assertThat(code(mail)).contains("filled = f\"Dear {text}!\"");

    Procedure.Builder script = text().setTemplate("result = len({{text}})\n");
    assertThat(code(script)).isEqualTo("result = len(parameters[\"text\"])\n");
  }

  private static List<StepReport> reports(Procedure.Builder procedure) {
    return GENERATOR.generate(procedure.build()).steps();
  }

  private static String code(Procedure.Builder procedure) {
    return GENERATOR.generate(procedure.build()).code();
  }

  private static Procedure.Builder text(String... steps) {
    Procedure.Builder procedure =
        Procedure.newBuilder()
            .setName("example")
            .addParameters(
                Parameter.newBuilder()
                    .setName("text")
                    .setType(ParameterType.PARAMETER_TYPE_STRING)
                    .setRequired(true));
    for (String step : steps) {
      procedure.addSteps(Step.newBuilder().setDescription(step));
    }
    return procedure;
  }

  private static Value string(String text) {
    return Value.newBuilder().setStringValue(text).build();
  }
}
