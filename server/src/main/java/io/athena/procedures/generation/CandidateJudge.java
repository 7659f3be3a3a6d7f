package io.athena.procedures.generation;

import io.athena.procedures.execution.TrialRuns;
import io.athena.procedures.v1.GenerateProcedureCodeResponse;
import io.athena.procedures.v1.GenerateProcedureCodeResponse.ExampleRun;
import io.athena.procedures.v1.Procedure;
import io.athena.procedures.v1.ValidationReport;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Finds out what code is worth: validates it and runs the examples, unless it does not parse or
 * breaks the policy. Thread-safe.
 */
final class CandidateJudge {
  /** A capability in reports, of code that uses {@code sandbox.tools} by whatever name. */
  private static final String TOOLS = "tools";

  private final CodeValidation validation;
  private final ExampleRuns examples;

  CandidateJudge(CodeValidation validation, TrialRuns trials) {
    this.validation = validation;
    this.examples = new ExampleRuns(trials);
  }

  /** Examines code, sending events as things are found. */
  Candidate examine(
      Procedure procedure,
      int attempt,
      String generator,
      Draft written,
      Consumer<GenerateProcedureCodeResponse> events)
      throws InterruptedException {
    CodeValidation.Result validated =
        validation.validate(written.code(), procedure.getProcedureId());
    ValidationReport report = validated.report();
    events.accept(GenerateProcedureCodeResponse.newBuilder().setValidation(report).build());
    Draft draft = written.withTools(tools(written, generator, report));
    Candidate unrun =
        new Candidate(attempt, generator, draft, report, validated.refusal(), List.of());
    List<ExampleRun> runs = new ArrayList<>();
    for (int i = 0; i < procedure.getExamplesCount(); i++) {
      ExampleRun run =
          unrun.isAcceptable()
              ? examples.run(procedure, i, draft.code(), draft.tools())
              : ExampleRuns.skipped(i, "not run: " + unrun.fault());
      events.accept(GenerateProcedureCodeResponse.newBuilder().setExampleRun(run).build());
      runs.add(run);
    }
    return new Candidate(attempt, generator, draft, report, validated.refusal(), List.copyOf(runs));
  }

  /** What code does counts, not what a model says of it: only code with tools goes untried. */
  private static Set<String> tools(Draft draft, String generator, ValidationReport report) {
    if (!report.getRequiredCapabilitiesList().contains(TOOLS)) {
      return generator.equals(Reports.RULES) ? draft.tools() : Set.of();
    }
    return draft.tools().isEmpty() ? Set.of("tools that only a run can tell") : draft.tools();
  }
}
