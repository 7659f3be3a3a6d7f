package io.athena.procedures.validation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import io.athena.procedures.db.TestDatabase;
import io.athena.procedures.error.FailedPreconditionException;
import io.athena.procedures.error.InvalidArgumentException;
import io.athena.procedures.v1.Issue;
import io.athena.procedures.v1.SetValidationPolicyRequest;
import io.athena.procedures.v1.Severity;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What a policy of a project may say, and what comes of it. */
final class ProjectPoliciesTest extends PolicyTests {
  @RegisterExtension static final TestDatabase database = TestDatabase.create();

  @Override
  TestDatabase database() {
    return database;
  }

  @Test
  void aProjectsPolicyIsKeptAsItWasWrittenAndTakenAwayAgain() {
    assertThat(policy().getName()).isEqualTo("default");

    set("{\"severities\": {\"star-import\": \"error\"}}");
    assertThat(policy().getName()).isEqualTo("project");
    assertThat(policy().getUpdatedBy()).isEqualTo("somebody");
    assertThat(
            save("from json import *\n", false).getValidation().getIssues(0).getSeverity().name())
        .isEqualTo("SEVERITY_ERROR");

    removePolicy();
    assertThat(policy().getName()).isEqualTo("default");
  }

  @Test
  void aRuleOfSyntaxIsAnErrorWhateverAPolicySays() {
    assertThatThrownBy(() ->
            set("{\"severities\": {\"syntax-error\": \"off\", \"analysis-timeout\": \"info\"}}"))
        .isInstanceOfSatisfying(
            InvalidArgumentException.class,
            refusal ->
                assertThat(refusal.violations())
                    .extracting(InvalidArgumentException.Violation::field)
                    .containsExactlyInAnyOrder(
                        "document.severities.syntax-error", "document.severities.analysis-timeout"))
        .hasMessageContaining("is a rule of syntax, which is always an error");

    set("{\"on_save\": \"enforce\"}");
    store("{\"extends\": \"default\", \"severities\": {\"syntax-error\": \"off\"}}");
    assertThatThrownBy(() -> save(BROKEN, false))
        .isInstanceOfSatisfying(
            FailedPreconditionException.class,
            refusal -> assertThat(refusal.reason()).isEqualTo("CODE_DOES_NOT_PARSE"));
  }

  @Test
  void aPolicyThatExtendsNothingIsRefusedWithWhatToWrite() {
    Struct alone =
        Struct.newBuilder()
            .putFields("on_save", Value.newBuilder().setStringValue("enforce").build())
            .build();
    assertThatThrownBy(() ->
            policies.set(
                SetValidationPolicyRequest.newBuilder()
                    .setProject(project)
                    .setDocument(alone)
                    .build()))
        .isInstanceOf(InvalidArgumentException.class)
        .hasMessageContaining("document.extends")
        .hasMessageContaining("\"extends\": \"default\"");

    set("{}");
    store("{\"on_save\": \"enforce\"}");
    assertThatThrownBy(() -> save(FORBIDDEN, false))
        .hasMessageContaining("module ctypes is forbidden");
  }

  @Test
  void aPolicyForbidsBuiltinsOrAdvisesAgainstThem() {
    set(
        """
        {"on_save": "enforce", "builtins": {
          "forbidden": {"eval": "write the code"}, "discouraged": {"input": "nobody answers"}}}
        """);

    assertThatThrownBy(() -> save("e = eval\ne('1')\n", false))
        .hasMessageContaining("the builtin eval: write the code [forbidden-builtin]");
    assertThat(save("exec('1')\ninput()\n", false).getValidation().getIssuesList())
        .filteredOn(issue -> issue.getRuleId().equals("discouraged-builtin"))
        .extracting(Issue::getSeverity)
        .containsExactly(Severity.SEVERITY_WARNING, Severity.SEVERITY_WARNING);
  }

  @Test
  void whatIsWrongWithAPolicyIsToldFieldByField() {
    assertThatThrownBy(() ->
            set(
                """
                {"extends": "lenient", "on_save": "sometimes", "severities": {"no-rule": "error"},
                 "modules": {"forbiden": {}}, "limits": {"lines": 0},
                 "patterns": [{"rule": "weak-hash", "names": ["a.b"], "when": [{"is": true}]},
                              {"rule": "syntax-error", "names": ["a.b"]}]}
                """))
        .isInstanceOfSatisfying(
            InvalidArgumentException.class,
            refusal ->
                assertThat(refusal.violations())
                    .extracting(InvalidArgumentException.Violation::field)
                    .contains(
                        "document.extends",
                        "document.on_save",
                        "document.severities.no-rule",
                        "document.modules.forbiden",
                        "document.limits.lines",
                        "document.patterns[1].rule",
                        "document.patterns[0].when[0].position"));
  }
}
