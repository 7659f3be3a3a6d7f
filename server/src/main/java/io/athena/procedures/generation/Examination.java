package io.athena.procedures.generation;

import io.athena.procedures.execution.TrialRuns;
import io.athena.procedures.v1.GenerateProcedureCodeResponse;
import io.athena.procedures.v1.GenerateProcedureCodeResponse.ExampleRun;
import io.athena.procedures.v1.Procedure;
import io.athena.procedures.v1.ValidationReport;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** Finds out what code is worth: validates it and runs the examples. Thread-safe. */
final class Examination {
  private final CodeValidation validation;
  private final ExampleRuns examples;

  Examination(CodeValidation validation, TrialRuns trials) {
    this.validation = validation;
    this.examples = new ExampleRuns(trials);
  }

  /** Examines code, sending events as things are found. */
  Candidate examine(
      Procedure procedure,
      int attempt,
      String generator,
      Draft draft,
      Consumer<GenerateProcedureCodeResponse> events)
      throws InterruptedException {
    ValidationReport report = validation.validate(draft.code(), procedure.getProcedureId());
    events.accept(GenerateProcedureCodeResponse.newBuilder().setValidation(report).build());
    List<ExampleRun> runs = new ArrayList<>();
    for (int i = 0; i < procedure.getExamplesCount(); i++) {
      ExampleRun run = examples.run(procedure, i, draft.code(), draft.tools());
      events.accept(GenerateProcedureCodeResponse.newBuilder().setExampleRun(run).build());
      runs.add(run);
    }
    return new Candidate(attempt, generator, draft, report, List.copyOf(runs));
  }
}
