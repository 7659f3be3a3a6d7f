package io.athena.procedures.validation;

import static org.assertj.core.api.Assertions.assertThat;

import io.athena.procedures.error.InvalidArgumentException;
import io.athena.procedures.v1.Issue;
import io.athena.procedures.v1.IssueCategory;
import io.athena.procedures.v1.ValidateProcedureCodeRequest;
import io.athena.procedures.v1.ValidationReport;
import java.io.IOException;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Source that is meant to hurt ends in a clear answer, and the next request is unharmed. */
final class HostileSourceTest {
  private static TestExaminer examiner;

  @BeforeAll
  static void start() {
    examiner = TestExaminer.start();
  }

  @AfterAll
  static void stop() throws IOException {
    examiner.close();
  }

  @Test
  void twoHundredOfThemGetTheirAnswersAndTheNextRequestIsUnharmed() {
    List<HostileSources.Hostile> sources = HostileSources.all();
    assertThat(sources).hasSizeGreaterThanOrEqualTo(200);
    for (int i = 0; i < sources.size(); i++) {
      HostileSources.Hostile hostile = sources.get(i);
      assertThat(hostile.answers())
          .as("source %d, %s", i, hostile.beginning())
          .contains(answer(hostile.source()));
      assertThat(answer("import ctypes"))
          .as("after source %d, %s", i, hostile.beginning())
          .isEqualTo("forbidden-module");
    }
  }

  @Test
  void ofNamesThatMayBeExponentiallyManyThingsOneIsFoundOrItIsToldThatTheyAreTooMany() {
    for (String source : HostileSources.explosions()) {
      ValidationReport report =
          examiner.validate(ValidateProcedureCodeRequest.newBuilder().setCode(source).build());
      assertThat(report.getIssuesList())
          .extracting(Issue::getRuleId)
          .doesNotContain("analysis-timeout")
          .containsAnyOf("discouraged-builtin", "too-much-to-examine");
    }
    assertThat(examiner.validate(HostileSources.sums()).getIssuesList())
        .extracting(Issue::getRuleId)
        .doesNotContain("analysis-timeout");
  }

  /**
   * The rules of syntax and security that find something, in the order of the alphabet; "refused"
   * if it is not examined at all.
   */
  private static String answer(String source) {
    try {
      ValidationReport report =
          examiner.validate(ValidateProcedureCodeRequest.newBuilder().setCode(source).build());
      assertThat(report.getIssuesCount()).isLessThanOrEqualTo(Findings.MOST);
      Set<String> rules = new TreeSet<>();
      for (Issue issue : report.getIssuesList()) {
        assertThat(issue.getMessage()).isNotEmpty();
        if (issue.getCategory() == IssueCategory.ISSUE_CATEGORY_SYNTAX) {
          assertThat(report.getChecks().getSyntax()).isFalse();
          return issue.getRuleId();
        }
        if (issue.getCategory() == IssueCategory.ISSUE_CATEGORY_SECURITY) {
          rules.add(issue.getRuleId());
        }
      }
      assertThat(report.getChecks().getSyntax()).isTrue();
      return String.join(" ", rules);
    } catch (InvalidArgumentException refusal) {
      return "refused";
    }
  }
}
