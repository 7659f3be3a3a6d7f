package io.athena.procedures.generation;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import io.athena.procedures.v1.ExecutionEvent.Completed;
import io.athena.procedures.v1.Outcome;
import io.athena.procedures.v1.Procedure;
import io.athena.procedures.v1.Step;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What "run the unit tests" makes of the files of a workspace, in a real container. */
final class TestRunsTest {
  private static final String PASSES = "def test_it():\n    assert True\n";
  private static final String FAILS = "def test_it():\n    assert False\n";

  private static Sandbox sandbox;

  @BeforeAll
  static void start() {
    sandbox = new Sandbox();
  }

  @AfterAll
  static void stop() throws IOException {
    sandbox.close();
  }

  @Test
  void filesOfTheSameNameAreEachRun() {
    assertThat(problems(Map.of("a/test_x.py", PASSES, "b/test_x.py", FAILS), 2))
        .containsExactly("b/test_x.py test_x.test_it");
  }

  @Test
  void eachFileImportsTheModulesBesideIt() {
    String test = "from calc import ONE\n\n\ndef test_one():\n    assert ONE == 1\n";
    assertThat(
            problems(
                Map.of(
                    "a/calc.py",
                    "ONE = 1\n",
                    "a/test_calc.py",
                    test,
                    "b/calc.py",
                    "ONE = 2\n",
                    "b/test_calc.py",
                    test),
                2))
        .containsExactly("b/test_calc.py test_calc.test_one");
  }

  @Test
  void testsOfPackagesImportFromThem() {
    assertThat(
            problems(
                Map.of(
                    "app/__init__.py",
                    "",
                    "app/one.py",
                    "ONE = 1\n",
                    "app/tests/__init__.py",
                    "",
                    "app/tests/test_one.py",
                    """
                    from ..one import ONE
                    from app import one


                    def test_one():
                        assert one.ONE is ONE
                    """),
                1))
        .isEmpty();
  }

  @Test
  void whatFailsInOtherWaysIsToldToo() {
    assertThat(
            problems(
                Map.of(
                    "test_async.py",
                    "async def test_it():\n    assert False\n",
                    "test_broken.py",
                    "import nothing_like_this\n",
                    "test_class.py",
                    "class TestIt:\n    def test_it(self):\n        assert False\n",
                    "test_needs.py",
                    "def test_it(fixture):\n    pass\n",
                    "test_unit.py",
                    """
                    import unittest


                    class It(unittest.TestCase):
                        def test_it(self):
                            self.assertEqual(1, 2)
                    """,
                    "late_test.py",
                    FAILS),
                6))
        .satisfiesExactly(
            late -> assertThat(late).isEqualTo("late_test.py late_test.test_it"),
            async -> assertThat(async).isEqualTo("test_async.py test_async.test_it"),
            broken -> assertThat(broken).isEqualTo("test_broken.py test_broken.import"),
            one -> assertThat(one).isEqualTo("test_class.py test_class.TestIt.test_it"),
            needs -> assertThat(needs).isEqualTo("test_needs.py test_needs.test_it"),
            unit -> assertThat(unit).startsWith("test_unit.py ").endsWith("It.test_it"));
  }

  @Test
  void noTestsAreNoSuccess() {
    assertThat(run(Map.of("main.txt", "x")).getFailure().getMessage())
        .contains("there are no files test*.py");
    assertThat(run(Map.of("test_x.py", "x = 1\n")).getFailure().getMessage())
        .contains("there are no tests in test_x.py");
  }

  /** File and name of each test that does not pass. */
  private static List<String> problems(Map<String, String> files, int tests) {
    Completed completed = run(files);
    assertThat(completed.getOutcome())
        .as(completed.getFailure().toString())
        .isEqualTo(Outcome.OUTCOME_SUCCESS);
    Struct report = completed.getResult().getStructValue();
    List<String> problems =
        report.getFieldsOrThrow("problems").getListValue().getValuesList().stream()
            .map(Value::getStructValue)
            .map(problem ->
                problem.getFieldsOrThrow("file").getStringValue()
                    + " "
                    + problem.getFieldsOrThrow("test").getStringValue())
            .toList();
    assertThat(report.getFieldsMap())
        .containsEntry("run", Json.value(tests))
        .containsEntry("successful", Json.value(problems.isEmpty()));
    return problems;
  }

  private static Completed run(Map<String, String> files) {
    Procedure procedure =
        Procedure.newBuilder()
            .setName("run_unit_tests")
            .addSteps(Step.newBuilder().setDescription("Run the unit tests"))
            .build();
    Draft draft = new RuleGenerator(Catalogue.load()).generate(procedure);
    assertThat(draft.coverage()).as(draft.steps().toString()).isEqualTo(1.0);
    return sandbox.run(procedure, draft.code(), Struct.getDefaultInstance(), files, Map.of());
  }
}
