package io.athena.procedures.validation;

import io.athena.procedures.v1.Checks;
import io.athena.procedures.v1.Issue;
import io.athena.procedures.v1.IssueCategory;
import io.athena.procedures.v1.Procedure;
import io.athena.procedures.v1.ScorePart;
import io.athena.procedures.v1.ValidationReport;
import java.util.List;

/** Turns facts into a report, by a policy. */
final class Examiner {
  private static final int MOST_NAMES = 1_000;

  private Examiner() {}

  /**
   * Makes the report, all but its duration and time.
   *
   * @param procedure what the code is for; the default instance for none
   */
  static ValidationReport.Builder examine(
      Facts facts, String code, Procedure procedure, Policy policy) {
    Findings findings = new Findings(policy);
    EntryPoint entry = EntryPoint.of(facts, procedure.getName());
    SyntaxJudge.judge(facts, findings);
    // Code that parses and does not compile has names, too.
    NamesJudge.judge(facts, findings);
    PatternJudge.judge(facts, findings);
    if (facts.error() == null) {
      StructureJudge.judge(facts, entry, findings);
      DefinitionJudge.judge(facts, entry, procedure, code, findings);
    }
    Silences.apply(facts, code, findings);
    List<Issue> issues = findings.sorted();
    boolean compared = procedure.getProcedureId() != 0;
    List<ScorePart> parts = Score.parts(facts, entry, compared, issues);
    return ValidationReport.newBuilder()
        .setQualityScore(
            Math.round(parts.stream().mapToDouble(ScorePart::getScore).sum() * 1e4) / 1e4)
        .addAllIssues(issues)
        .setChecks(checks(facts, entry, issues))
        .addAllScoreParts(parts)
        .addAllRequiredCapabilities(Capabilities.of(facts, policy))
        .setEntryPoint(entry.name())
        .setSignature(entry.signature())
        .addAllImports(
            facts.imports().stream()
                .map(Facts.Import::module)
                .filter(module -> !module.isEmpty())
                .distinct()
                .sorted()
                .limit(MOST_NAMES)
                .toList())
        .addAllFunctions(
            facts.functions().stream().map(Facts.Function::name).limit(MOST_NAMES).toList())
        .setComplexity(
            facts.functions().stream().mapToInt(Facts.Function::complexity).max().orElse(0))
        .setPolicy(policy.name())
        .setPythonVersion(facts.pythonVersion());
  }

  private static Checks checks(Facts facts, EntryPoint entry, List<Issue> issues) {
    if (facts.error() != null) {
      return Checks.getDefaultInstance();
    }
    return Checks.newBuilder()
        .setSyntax(true)
        .setSecurity(
            issues.stream()
                .noneMatch(issue ->
                    issue.getCategory() == IssueCategory.ISSUE_CATEGORY_SECURITY
                        && Breaches.isError(issue)))
        .setDocstring(Score.isDocumented(facts, entry))
        .setErrorHandling(Handling.of(facts).handles())
        .setTypeHints(Hints.of(facts).share())
        .build();
  }
}
