package io.athena.procedures.procedure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.athena.procedures.db.TestDatabase;
import io.athena.procedures.error.InvalidArgumentException;
import io.athena.procedures.v1.Procedure;
import io.athena.procedures.v1.RecallProceduresRequest;
import io.athena.procedures.v1.RecallProceduresResponse.Match;
import io.athena.procedures.v1.RememberProcedureRequest;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RecallTest {
  @RegisterExtension static final TestDatabase database = TestDatabase.create();

  private final Recall recall = new Recall(database.jdbi());

  @BeforeAll
  static void rememberSome() {
    remember(
        "run_unit_tests",
        "testing",
        "Runs all tests with coverage",
        "Change to the project",
        "Run pytest",
        "Report results");
    remember(
        "commit_changes",
        "git",
        "Stages and commits what changed",
        "Stage all changes",
        "Commit with message",
        "Push to remote");
    remember(
        "extract_function",
        "refactoring",
        "Refactors a long function into small ones",
        "Find long functions",
        "Move lines into a new function");
    remember(
        "deploy_service",
        "operations",
        "Brings a new release to production",
        "Build the image",
        "Roll it out",
        "Check health");
    remember(
        "summarizeCsvFile",
        "data",
        "Column statistics of a CSV file",
        "Read the file src/data.csv",
        "Compute mean and median");
    remember(
        "rename_module",
        "refactoring",
        "Renames a Python module and its imports",
        "Move the file",
        "Refactor imports",
        "Run unit tests");
    remember("zerlege_straße", "sprache", "Zerlegt Wörter in Größen", "Öffne die Straße");
  }

  @ParameterizedTest(name = "\"{0}\" finds {1} first")
  @CsvSource({
    "unit tests, run_unit_tests",
    "how do I run the unit tests?, run_unit_tests",
    "runUnitTests, run_unit_tests",
    "testing, run_unit_tests",
    "committing, commit_changes",
    "commit, commit_changes",
    "csv, summarizeCsvFile",
    "summarize a file, summarizeCsvFile",
    "src/data.csv, summarizeCsvFile",
    "long functions, extract_function",
    "refactor imports, rename_module",
    "deployment to production, deploy_service",
    "STRASSE öffne, zerlege_straße",
    "Größe, zerlege_straße",
    // Typing errors.
    "comit chnges, commit_changes",
    "depoly, deploy_service",
    "sumarize, summarizeCsvFile",
    "refactring functions, extract_function",
    "unti tets, run_unit_tests",
    "prodction, deploy_service",
  })
  void findsByMeaningOfWords(String query, String best) {
    assertThat(names(query)).first().isEqualTo(best);
  }

  @Test
  void ranksTheNameAboveAStepThatMentionsIt() {
    assertThat(names("unit tests")).startsWith("run_unit_tests", "rename_module");
  }

  @Test
  void givesScoresThatFall() {
    List<Match> matches = recall(request("refactoring"));

    assertThat(matches)
        .extracting(match -> match.getProcedure().getName())
        .containsExactlyInAnyOrder("extract_function", "rename_module");
    assertThat(matches).isSortedAccordingTo((a, b) -> Double.compare(b.getScore(), a.getScore()));
    assertThat(matches).allSatisfy(match -> assertThat(match.getScore()).isPositive());
    assertThat(matches.getFirst().getProcedure().getStepsCount()).isPositive();
  }

  @Test
  void findsNothingForWordsThatNobodyUsed() {
    assertThat(names("xylophone quartz")).isEmpty();
    assertThat(recall(request("commit").setProject("other"))).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "???",
        "the",
        "and or not",
        "'",
        "a & b | !c",
        "a:*",
        "<-> ()",
        "\\",
        "%",
        "_",
        "'; drop table procedure; --",
        "\ud83d\udc0d",
        "\u202e",
        "𝕬𝖇"
      })
  void doesNotStumbleOverSymbols(String query) {
    assertThat(recall(request(query))).hasSizeLessThanOrEqualTo(10);
  }

  @Test
  void givesAsManyAsWereAskedFor() {
    assertThat(recall(request("file").setLimit(1))).hasSize(1);
    assertThat(recall(request("file").setLimit(100)).size()).isGreaterThan(1);
  }

  @Test
  void refusesBadRequests() {
    assertThatThrownBy(() -> recall(request("")))
        .isInstanceOf(InvalidArgumentException.class)
        .hasMessageContaining("query: must not be empty");
    assertThatThrownBy(() -> recall(request(" \n"))).hasMessageContaining("query");
    assertThatThrownBy(() -> recall(request("x".repeat(1_001))))
        .hasMessageContaining("query: has 1001 characters; at most 1000 are allowed");
    assertThatThrownBy(() -> recall(request("\0").setLimit(-1).setProject("?")))
        .isInstanceOfSatisfying(
            InvalidArgumentException.class,
            e ->
                assertThat(e.violations())
                    .extracting(InvalidArgumentException.Violation::field)
                    .containsExactly("query", "project", "limit"));
    assertThatThrownBy(() -> recall(request("x").setLimit(101))).hasMessageContaining("limit");
  }

  @Test
  void findsTheLargestProcedureThatIsAllowed() {
    Random random = new Random(1);
    Procedure.Builder largest = Procedure.newBuilder().setProject("large").setName("largest");
    for (int i = 0; i < 300; i++) {
      StringBuilder words = new StringBuilder("needle" + i);
      while (words.length() < 9_990) {
        words.append(' ').append(Integer.toString(random.nextInt(46_656), 36));
      }
      largest.addSteps(TestProcedures.step(words.toString()));
    }
    TestProcedures.on(database)
        .remember(RememberProcedureRequest.newBuilder().setProcedure(largest).build());

    assertThat(recall(request("needle3").setProject("large"))).hasSize(1);
  }

  private static void remember(String name, String category, String description, String... steps) {
    Procedure.Builder procedure =
        Procedure.newBuilder().setName(name).setCategory(category).setDescription(description);
    for (String step : steps) {
      procedure.addSteps(TestProcedures.step(step));
    }
    TestProcedures.on(database)
        .remember(RememberProcedureRequest.newBuilder().setProcedure(procedure).build());
  }

  private List<String> names(String query) {
    return recall(request(query)).stream().map(match -> match.getProcedure().getName()).toList();
  }

  private List<Match> recall(RecallProceduresRequest.Builder request) {
    return recall.recall(request.build());
  }

  private static RecallProceduresRequest.Builder request(String query) {
    return RecallProceduresRequest.newBuilder().setQuery(query);
  }
}
