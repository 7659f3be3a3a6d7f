package io.athena.procedures.generation;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import io.athena.procedures.db.TestDatabase;
import io.athena.procedures.v1.Checks;
import io.athena.procedures.v1.ExecutionEvent.Completed;
import io.athena.procedures.v1.ExecutionEvent.ToolCall;
import io.athena.procedures.v1.GenerateProcedureCodeResponse.StepReport;
import io.athena.procedures.v1.Outcome;
import io.athena.procedures.v1.Parameter;
import io.athena.procedures.v1.ParameterType;
import io.athena.procedures.v1.Procedure;
import io.athena.procedures.v1.Step;
import io.athena.procedures.v1.ValidateProcedureCodeRequest;
import io.athena.procedures.v1.ValidationReport;
import io.athena.procedures.validation.ProjectPolicies;
import io.athena.procedures.validation.Validation;
import java.io.IOException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * The three workflows of the procedure guide - tests, git, refactoring - in its own words: code is
 * made of them by rules, validated, and run in a real container.
 */
final class ProcedureGuideTest {
  @RegisterExtension static final TestDatabase database = TestDatabase.create();

  private static final RuleGenerator GENERATOR = new RuleGenerator(Catalogue.load());

  private static Sandbox sandbox;
  private static Validation validation;

  @BeforeAll
  static void start() {
    sandbox = new Sandbox();
    validation =
        new Validation(
            List.of(sandbox.channel()),
            new ProjectPolicies(database.jdbi(), Clock.systemUTC(), () -> "tester"),
            id -> Procedure.getDefaultInstance(),
            Clock.systemUTC());
  }

  @AfterAll
  static void stop() throws IOException {
    sandbox.close();
  }

  @Test
  void theTestingWorkflowRunsTheTestsAndTellsWhichLinesTheyRun() {
    Procedure procedure =
        procedure(
            "run_unit_tests",
            List.of(),
            "Change to project directory",
            "Run pytest with coverage",
            "Report results");
    Map<String, String> files =
        Map.of(
            "shop/price.py",
            """
            def gross(net):
                if net < 0:
                    raise ValueError("negative")
                return net * 1.19


            def never():
                return 1
            """,
            "shop/unused.py",
            "x = 1\ny = 2\n",
            "shop/__init__.py",
            "",
            "test_price.py",
            """
            from shop.price import gross


            def test_gross():
                assert gross(100) == 119


            def test_wrong():
                assert gross(1) == 1
            """);

    Struct report = run(procedure, Map.of(), files, List.of()).getStructValue();

    assertThat(report.getFieldsMap())
        .containsEntry("run", Json.value(2))
        .containsEntry("failed", Json.value(1))
        .containsEntry("successful", Json.value(false))
        // Of six lines in price.py the raise and the other function's do not run; two of unused.py.
        .containsEntry(
            "coverage_by_file", Json.value(Map.of("shop/price.py", 66.7, "shop/unused.py", 0)))
        .containsEntry("coverage", Json.value(50));
    assertThat(report.getFieldsOrThrow("problems").getListValue().getValuesList())
        .singleElement()
        .extracting(problem -> problem.getStructValue().getFieldsOrThrow("test").getStringValue())
        .isEqualTo("test_price.test_wrong");
  }

  @Test
  void coverageIsMeasuredOnlyWhereItIsAskedFor() {
    Procedure procedure = procedure("run_unit_tests", List.of(), "Run pytest", "Report results");

    assertThat(
            run(procedure, Map.of(), Map.of("test_it.py", "def test_it():\n    pass\n"), List.of())
                .getStructValue()
                .getFieldsMap())
        .containsEntry("successful", Json.value(true))
        .doesNotContainKey("coverage");
  }

  @Test
  void theGitWorkflowCallsTheCallersToolsInOrder() {
    Procedure procedure =
        procedure(
            "commit_changes",
            List.of("message"),
            "Stage all changes",
            "Commit with message",
            "Push to remote");
    List<String> calls = new ArrayList<>();

    Value result = run(procedure, Map.of("message", "Fix \"it\"; rm -rf /"), Map.of(), calls);

    assertThat(calls)
        .containsExactly(
            "git.add {\"paths\":[\".\"]}",
            "git.commit {\"message\":\"Fix \\\"it\\\"; rm -rf /\"}",
            "git.push {}");
    assertThat(result.getStringValue()).isEqualTo("did git.push");
  }

  @Test
  void theGitWorkflowWithoutAMessageSaysWhatItLacks() {
    Draft draft =
        GENERATOR.generate(
            procedure(
                "commit_changes",
                List.of(),
                "Stage all changes",
                "Commit with message",
                "Push to remote"));

    assertThat(draft.steps()).extracting(StepReport::getCovered).containsExactly(true, false, true);
    assertThat(draft.code()).contains("step 2 is not implemented: Commit with message");
  }

  @Test
  void theRefactoringWorkflowRenamesAFunctionAndNothingElse() {
    Procedure procedure =
        procedure(
            "rename_function",
            List.of("code", "old_name", "new_name"),
            "Find all occurrences of {{old_name}} as a whole word in the code",
            "Replace each whole word {{old_name}} in the code with {{new_name}}",
            "Check that the new code is valid Python",
            "Return the code");
    Map<String, Object> arguments =
        Map.of(
            "code", "def add(a):\n    return a\n\n\nadded = add(1)\n",
            "old_name", "add",
            "new_name", "plus");

    assertThat(run(procedure, arguments, Map.of(), List.of()).getStringValue())
        .isEqualTo("def plus(a):\n    return a\n\n\nadded = plus(1)\n");
  }

  /** Makes code, validates it and runs it; the calls of tools are added to the list. */
  private static Value run(
      Procedure procedure,
      Map<String, Object> arguments,
      Map<String, String> files,
      List<String> calls) {
    Draft draft = GENERATOR.generate(procedure);
    assertThat(draft.steps())
        .as(draft.code())
        .allSatisfy(step -> assertThat(step.getCovered()).as(step.getMessage()).isTrue());
    ValidationReport validated =
        validation.validate(
            ValidateProcedureCodeRequest.newBuilder().setCode(draft.code()).build());
    Checks checks = validated.getChecks();
    assertThat(checks.getSyntax() && checks.getSecurity() && checks.getDocstring())
        .as("%s%n%s", validated, draft.code())
        .isTrue();

    Struct given = Json.value(arguments).getStructValue();
    Completed completed =
        sandbox.run(procedure, draft.code(), given, files, call -> answer(call, calls));
    assertThat(completed.getOutcome())
        .as("%s%n%s", completed.getFailure(), draft.code())
        .isEqualTo(Outcome.OUTCOME_SUCCESS);
    return completed.getResult();
  }

  private static Value answer(ToolCall call, List<String> calls) {
    Value arguments = Value.newBuilder().setStructValue(call.getArguments()).build();
    calls.add(call.getName() + " " + Json.text(arguments));
    return Json.value("did " + call.getName());
  }

  private static Procedure procedure(String name, List<String> parameters, String... steps) {
    Procedure.Builder procedure = Procedure.newBuilder().setName(name);
    for (String parameter : parameters) {
      procedure.addParameters(
          Parameter.newBuilder()
              .setName(parameter)
              .setType(ParameterType.PARAMETER_TYPE_STRING)
              .setRequired(true));
    }
    for (String step : steps) {
      procedure.addSteps(Step.newBuilder().setDescription(step));
    }
    return procedure.build();
  }
}
