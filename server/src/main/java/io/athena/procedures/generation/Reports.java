package io.athena.procedures.generation;

import io.athena.procedures.generation.Generation.Result;
import io.athena.procedures.generation.model.ModelException;
import io.athena.procedures.v1.GenerateProcedureCodeRequest;
import io.athena.procedures.v1.GenerateProcedureCodeResponse.Done;
import io.athena.procedures.v1.GenerateProcedureCodeResponse.Evidence;
import io.athena.procedures.v1.GenerateProcedureCodeResponse.ExampleRun;
import io.athena.procedures.v1.GenerateProcedureCodeResponse.StepReport;
import io.athena.procedures.v1.Procedure;

/** Says what came of a generation, and what its confidence rests on. */
final class Reports {
  static final String RULES = "rules";

  private Reports() {}

  static Done.Builder done(
      Procedure procedure, Result result, GenerateProcedureCodeRequest request) {
    Done.Builder done = Done.newBuilder().setProcedureId(procedure.getProcedureId());
    ModelAttempts.Outcome model = result.model();
    if (model != null) {
      done.setModel(model.model())
          .setInputTokens(model.usage().inputTokens())
          .setOutputTokens(model.usage().outputTokens());
    }
    Candidate best = result.best();
    if (best == null) {
      String problem = model == null ? "" : problem(model);
      return done.setGenerator(ModelAttempts.GENERATOR)
          .setBasis("there is no code")
          .setError("the language model gave no code that can be used: " + problem);
    }
    Draft draft = best.draft();
    boolean byModel = best.generator().equals(ModelAttempts.GENERATOR);
    done.setSuccess(draft.coverage() > 0 && best.isAcceptable())
        .setCode(draft.code())
        .setConfidence(best.confidence())
        .setBasis(basis(best, result, request))
        .addAllSteps(draft.steps())
        .setEvidence(best.evidence())
        .addAllTools(draft.tools().stream().sorted().toList())
        .setValidation(best.report())
        .setGenerator(best.generator())
        .addAllAssumptions(draft.assumptions())
        .addAllParameters(draft.parameters())
        .setAttempt(best.attempt());
    if (draft.coverage() == 0) {
      done.setError(
          (byModel ? "no step is done" : "no step could be read")
              + "; the first says: "
              + draft.steps().stream().map(StepReport::getMessage).findFirst().orElse(""));
    } else if (!done.getSuccess()) {
      done.setError(best.fault());
    }
    return done;
  }

  /** Why a model's work is not used. */
  static String problem(ModelAttempts.Outcome outcome) {
    ModelException failure = outcome.failure();
    if (failure != null) {
      return failure.getMessage();
    }
    if (!outcome.problem().isEmpty()) {
      return outcome.problem();
    }
    return "its code does not parse or breaks the policy";
  }

  /** Why code that fails examples is not saved, and what to do. */
  static String failedExamples(Candidate best) {
    Evidence evidence = best.evidence();
    ExampleRun first =
        best.runs().stream()
            .filter(run -> !run.getPassed() && !run.getSkipped())
            .findFirst()
            .orElseThrow();
    return "%d of %d examples failed, and the current version stays; example %d: %s; mend the definition or the examples, or save the code with SaveProcedureCode"
        .formatted(
            evidence.getExamplesFailed(),
            evidence.getExamplesPassed() + evidence.getExamplesFailed(),
            first.getExampleIndex() + 1,
            first.getMessage());
  }

  private static String basis(Candidate best, Result result, GenerateProcedureCodeRequest request) {
    Evidence evidence = best.evidence();
    int run = evidence.getExamplesPassed() + evidence.getExamplesFailed();
    StringBuilder basis = new StringBuilder();
    if (!best.isAcceptable()) {
      basis.append(
          "it breaks the policy or does not parse, so it is worth nothing, not run and not saved; ");
    }
    int notCompared = evidence.getExamplesNotCompared();
    if (run > 0) {
      basis.append(
          "%d of %d examples gave what was expected".formatted(evidence.getExamplesPassed(), run));
    } else if (notCompared == 0) {
      basis.append("nothing was executed");
    }
    if (notCompared > 0) {
      basis
          .append(run > 0 ? ", " : "")
          .append(notCompared == 1 ? "1 example was" : notCompared + " examples were")
          .append(" run without an error and not compared, as no result is expected");
    }
    if (evidence.getExamplesSkipped() > 0 && best.isAcceptable()) {
      basis.append(
          ", %d not run: the code needs tools, which only the caller of a run serves"
              .formatted(evidence.getExamplesSkipped()));
    }
    basis.append("; %.0f %% of the steps are done".formatted(100 * evidence.getStepCoverage()));
    if (best.generator().equals(RULES)) {
      if (!result.fallback().isEmpty()) {
        basis.append("; ").append(result.fallback()).append(", so the rules were used");
      }
      if (!request.getInstructions().isEmpty()) {
        basis.append("; the instructions were not used, rules read the steps only");
      }
    } else if (result.model() != null && result.model().attempts() > 1) {
      basis.append(
          "; attempt %d of %d has the best evidence"
              .formatted(best.attempt(), result.model().attempts()));
    }
    return basis.toString();
  }
}
