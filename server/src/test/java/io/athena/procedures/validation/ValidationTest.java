package io.athena.procedures.validation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.athena.procedures.db.TestDatabase;
import io.athena.procedures.error.InvalidArgumentException;
import io.athena.procedures.execution.RealWorker;
import io.athena.procedures.v1.Issue;
import io.athena.procedures.v1.IssueCategory;
import io.athena.procedures.v1.Procedure;
import io.athena.procedures.v1.ScorePart;
import io.athena.procedures.v1.Severity;
import io.athena.procedures.v1.ValidateProcedureCodeRequest;
import io.athena.procedures.v1.ValidationReport;
import java.io.IOException;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Reports on code, with facts from a real parser. */
final class ValidationTest {
  private static final String GOOD =
      """
      \"""Adds numbers.\"""


      def add(numbers: list) -> float:
          \"""Gives the sum.\"""
          try:
              return float(sum(numbers))
          except TypeError as error:
              raise ValueError(f"not all of {numbers} are numbers") from error
      """;

  @RegisterExtension static final TestDatabase database = TestDatabase.create();

  private static RealWorker worker;
  private static Validation validation;

  @BeforeAll
  static void start() {
    worker = new RealWorker();
    validation =
        new Validation(
            List.of(worker.channel()),
            new ProjectPolicies(database.jdbi(), Clock.systemUTC(), () -> "anonymous"),
            id -> Procedure.newBuilder().setProcedureId(id).setName("add").build(),
            Clock.systemUTC());
  }

  @AfterAll
  static void stop() throws IOException {
    worker.close();
  }

  @Test
  void codeWithoutFaultEarnsEverything() {
    ValidationReport report = validate(GOOD);

    assertThat(report.getIssuesList()).isEmpty();
    assertThat(report.getQualityScore()).isEqualTo(1.0);
    assertThat(report.getEntryPoint()).isEqualTo("add");
    assertThat(report.getSignature()).isEqualTo("(numbers: list) -> float");
    assertThat(report.getChecks().getSyntax()).isTrue();
    assertThat(report.getChecks().getTypeHints()).isEqualTo(1.0);
    assertThat(report.getPythonVersion()).startsWith("3.");
    assertThat(report.getComplexity()).isEqualTo(2);
  }

  @Test
  void theScoreIsTheSumOfItsPartsAndTheirWeightsAreOne() {
    for (String code :
        List.of(GOOD, "import os\n", "def f(:\n", "try:\n    f()\nexcept:\n    pass\n")) {
      ValidationReport report = validate(code);
      List<ScorePart> parts = report.getScorePartsList();

      assertThat(parts.stream().mapToDouble(ScorePart::getWeight).sum()).isCloseTo(1, within(1e-9));
      assertThat(parts.stream().mapToDouble(ScorePart::getScore).sum())
          .isCloseTo(report.getQualityScore(), within(1e-3));
      assertThat(parts).allSatisfy(part -> assertThat(part.getExplanation()).isNotEmpty());
    }
  }

  @Test
  void codeThatDoesNotParseEarnsNothingAndSaysWhere() {
    ValidationReport report = validate("def f():\n    return (1\n");

    assertThat(report.getQualityScore()).isZero();
    assertThat(report.getChecks().getSyntax()).isFalse();
    Issue issue = report.getIssues(0);
    assertThat(issue.getRuleId()).isEqualTo("syntax-error");
    assertThat(issue.getCategory()).isEqualTo(IssueCategory.ISSUE_CATEGORY_SYNTAX);
    assertThat(issue.getSeverity()).isEqualTo(Severity.SEVERITY_ERROR);
    assertThat(issue.getLine()).isEqualTo(2);
    assertThat(issue.getColumn()).isEqualTo(12);
  }

  @Test
  void aBlanketPassEarnsNothingForErrorHandling() {
    ValidationReport report =
        validate("def f():\n    try:\n        g()\n    except:\n        pass\n");

    assertThat(report.getChecks().getErrorHandling()).isFalse();
    assertThat(score(report, "error_handling")).isZero();
  }

  @Test
  void columnsCountCharacters() {
    Issue issue = validate("ä = 'ö𝄞'; import ctypes\n").getIssues(0);

    assertThat(issue.getRuleId()).isEqualTo("forbidden-module");
    assertThat(issue.getColumn()).isEqualTo(11);
    assertThat(issue.getEndColumn()).isEqualTo(24);
  }

  @Test
  void sourceThatTheParserCannotDigestIsAnIssueOfSyntax() {
    ValidationReport report = validate("(".repeat(100_000));
    assertThat(report.getIssues(0).getCategory()).isEqualTo(IssueCategory.ISSUE_CATEGORY_SYNTAX);

    report = validate("-".repeat(500_000) + "1");
    assertThat(report.getIssues(0).getRuleId()).isEqualTo("nesting-too-deep");
    assertThat(validate(GOOD).getIssuesList()).isEmpty();
  }

  @Test
  void whatRunsTextAsCodeIsAWarningHereAndAnErrorWhereHidingIsOne() {
    ValidateProcedureCodeRequest.Builder request =
        ValidateProcedureCodeRequest.newBuilder().setCode("e = eval\nresult = e('1')\n");

    assertThat(severities(request.setPolicy("default").build()))
        .containsEntry("discouraged-builtin", Severity.SEVERITY_WARNING);
    assertThat(severities(request.setPolicy("strict").build()))
        .containsEntry("discouraged-builtin", Severity.SEVERITY_ERROR);
  }

  @Test
  void whatIsSilencedIsStillListedAndCostsNothing() {
    ValidationReport silenced =
        validate("import ctypes  # athena: allow forbidden-module -- sizes only\n");

    assertThat(silenced.getIssuesList())
        .anySatisfy(issue -> {
          assertThat(issue.getRuleId()).isEqualTo("forbidden-module");
          assertThat(issue.getSilencedReason()).isEqualTo("sizes only");
        });
    assertThat(silenced.getChecks().getSecurity()).isTrue();
    assertThat(score(silenced, "security")).isEqualTo(0.25);
    assertThat(score(validate("import ctypes\n"), "security")).isZero();
  }

  @Test
  void aLineOfAMebibyteIsExaminedAsAnyOther() {
    String names = "a, ".repeat(((1 << 20) - 100) / 3);
    ValidationReport report = validate("x = [" + names + "]; import ctypes\n");

    assertThat(report.getChecks().getSyntax()).isTrue();
    assertThat(report.getIssues(0).getRuleId()).isEqualTo("forbidden-module");
    assertThat(report.getIssues(0).getColumn()).isEqualTo(names.length() + 9);
  }

  @Test
  void whatCannotBeExaminedIsRefused() {
    assertRefused("", "", "code: must not be empty");
    assertRefused("x = '\0'", "", "NUL");
    assertRefused("\uFEFFx = 1", "", "byte order mark (U+FEFF)");
    assertRefused("#".repeat((1 << 20) + 1), "", "1 MiB");
    assertRefused("x = 1", "lenient", "there is no policy 'lenient'; there are default, strict");
  }

  private static void assertRefused(String code, String policy, String said) {
    ValidateProcedureCodeRequest request =
        ValidateProcedureCodeRequest.newBuilder().setCode(code).setPolicy(policy).build();
    assertThatThrownBy(() -> validation.validate(request))
        .isInstanceOf(InvalidArgumentException.class)
        .hasMessageContaining(said);
  }

  private static Map<String, Severity> severities(ValidateProcedureCodeRequest request) {
    return validation.validate(request).getIssuesList().stream()
        .collect(Collectors.toMap(Issue::getRuleId, Issue::getSeverity, (one, other) -> one));
  }

  private static double score(ValidationReport report, String part) {
    return report.getScorePartsList().stream()
        .filter(each -> each.getName().equals(part))
        .mapToDouble(ScorePart::getScore)
        .sum();
  }

  private static ValidationReport validate(String code) {
    return validation.validate(ValidateProcedureCodeRequest.newBuilder().setCode(code).build());
  }
}
