package io.athena.procedures.generation;

import io.athena.procedures.procedure.TextRules;
import io.athena.procedures.v1.Example;
import io.athena.procedures.v1.GenerateProcedureCodeResponse.ExampleRun;
import io.athena.procedures.v1.GenerateProcedureCodeResponse.StepReport;
import io.athena.procedures.v1.Issue;
import io.athena.procedures.v1.Procedure;
import io.athena.procedures.v1.Severity;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What there is to tell a model about its code, so that it can do better.
 *
 * @param summary for people, in a few words
 * @param document for the model, JSON
 */
record Feedback(String summary, String document) {
  private static final int MOST_ISSUES = 20;
  private static final int MOST_CHARS = 4_000;

  /** What is to be mended in code; empty if nothing is known. */
  static Optional<Feedback> of(Procedure procedure, Candidate candidate) {
    List<Issue> issues =
        candidate.report().getIssuesList().stream()
            .filter(issue -> issue.getSilencedReason().isEmpty())
            .toList();
    List<Issue> errors =
        issues.stream().filter(issue -> issue.getSeverity() == Severity.SEVERITY_ERROR).toList();
    List<ExampleRun> failed =
        candidate.runs().stream().filter(run -> !run.getPassed() && !run.getSkipped()).toList();
    List<StepReport> missing =
        candidate.draft().steps().stream().filter(step -> !step.getCovered()).toList();
    if (errors.isEmpty() && failed.isEmpty() && missing.isEmpty()) {
      return Optional.empty();
    }
    ObjectNode document = JsonMapper.shared().createObjectNode();
    addIssues(document, issues);
    if (!failed.isEmpty()) {
      addExample(document, procedure, failed.getFirst());
      document.put("examples_failed", failed.size());
      document.put("examples_passed", candidate.evidence().getExamplesPassed());
    }
    ArrayNode steps = document.putArray("steps_not_done");
    missing.forEach(step ->
        steps.addObject().put("step", step.getStepIndex() + 1).put("why", step.getMessage()));
    return Optional.of(
        new Feedback(summary(errors.size(), failed.size(), missing.size()), document.toString()));
  }

  /** That an answer could not be read, and why. */
  static Feedback ofUnreadable(String why) {
    ObjectNode document = JsonMapper.shared().createObjectNode();
    document.put("answer_could_not_be_read", why);
    return new Feedback(why, document.toString());
  }

  private static void addIssues(ObjectNode document, List<Issue> issues) {
    ArrayNode findings = document.putArray("findings");
    issues.stream()
        .filter(issue -> issue.getSeverity() != Severity.SEVERITY_INFO)
        .limit(MOST_ISSUES)
        .forEach(issue ->
            findings
                .addObject()
                .put("rule", issue.getRuleId())
                .put("grave", issue.getSeverity() == Severity.SEVERITY_ERROR)
                .put("line", issue.getLine())
                .put("message", issue.getMessage()));
  }

  private static void addExample(ObjectNode document, Procedure procedure, ExampleRun run) {
    Example example = procedure.getExamples(run.getExampleIndex());
    ObjectNode failed = document.putObject("first_failed_example");
    failed.put("example", run.getExampleIndex() + 1);
    failed.put(
        "parameters", TextRules.shortened(ExampleRuns.json(example.getParameters()), MOST_CHARS));
    if (example.hasExpected()) {
      failed.put(
          "expected", TextRules.shortened(ExampleRuns.json(example.getExpected()), MOST_CHARS));
    }
    failed.put("came", run.getMessage());
    if (!run.getTraceback().isEmpty()) {
      failed.put("traceback", TextRules.shortened(run.getTraceback(), MOST_CHARS));
    }
  }

  private static String summary(int errors, int failed, int missing) {
    return String.join(
        ", ",
        Stream.of(
                counted(errors, "finding of the validation", "findings of the validation"),
                counted(failed, "example failed", "examples failed"),
                counted(missing, "step is not done", "steps are not done"))
            .filter(part -> !part.isEmpty())
            .toList());
  }

  private static String counted(int count, String one, String more) {
    return count == 0 ? "" : count + " " + (count == 1 ? one : more);
  }
}
