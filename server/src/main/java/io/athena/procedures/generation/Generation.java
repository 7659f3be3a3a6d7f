package io.athena.procedures.generation;

import com.google.protobuf.util.Durations;
import io.athena.procedures.code.CodeVersions;
import io.athena.procedures.code.VersionEvidence;
import io.athena.procedures.db.AnsweredRequests;
import io.athena.procedures.db.Times;
import io.athena.procedures.error.FailedPreconditionException;
import io.athena.procedures.error.NotFoundException;
import io.athena.procedures.error.Violations;
import io.athena.procedures.execution.TrialRuns;
import io.athena.procedures.procedure.Procedures;
import io.athena.procedures.procedure.TextRules;
import io.athena.procedures.v1.GenerateProcedureCodeRequest;
import io.athena.procedures.v1.GenerateProcedureCodeResponse;
import io.athena.procedures.v1.GenerateProcedureCodeResponse.AttemptStarted;
import io.athena.procedures.v1.GenerateProcedureCodeResponse.Done;
import io.athena.procedures.v1.GenerateProcedureCodeResponse.Evidence;
import io.athena.procedures.v1.GenerateProcedureCodeResponse.ExampleRun;
import io.athena.procedures.v1.GenerateProcedureCodeResponse.StepReport;
import io.athena.procedures.v1.Procedure;
import io.athena.procedures.v1.SaveProcedureCodeRequest;
import io.athena.procedures.v1.ValidationReport;
import java.time.Clock;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.jdbi.v3.core.Jdbi;
import org.jspecify.annotations.Nullable;

/** Makes code for procedures and tells how it goes. Thread-safe. */
public final class Generation {
  private static final String RULES = "rules";

  private final Jdbi jdbi;
  private final Clock clock;
  private final Procedures procedures;
  private final CodeVersions versions;
  private final AnsweredRequests answeredRequests;
  private final CodeValidation validation;
  private final ExampleRuns examples;
  private final Rules rules = new Rules();

  /**
   * With the features it is built on.
   *
   * @param trials runs the examples
   */
  public Generation(
      Jdbi jdbi,
      Clock clock,
      Procedures procedures,
      CodeVersions versions,
      AnsweredRequests answeredRequests,
      CodeValidation validation,
      TrialRuns trials) {
    this.jdbi = jdbi;
    this.clock = clock;
    this.procedures = procedures;
    this.versions = versions;
    this.answeredRequests = answeredRequests;
    this.validation = validation;
    this.examples = new ExampleRuns(trials);
  }

  /** The catalogue takes a second to read, which a server that generates nothing need not spend. */
  private static final class Rules {
    private @Nullable RuleGenerator generator;

    synchronized RuleGenerator get() {
      RuleGenerator known = generator;
      if (known == null) {
        known = new RuleGenerator(Catalogue.load());
        generator = known;
      }
      return known;
    }
  }

  /**
   * Makes code, sending events as they happen; the last one is Done.
   *
   * @throws NotFoundException if there is no such procedure
   * @throws FailedPreconditionException if there is nothing to make code of, or no model
   */
  public void generate(
      GenerateProcedureCodeRequest request, Consumer<GenerateProcedureCodeResponse> events)
      throws InterruptedException {
    long begin = System.nanoTime();
    check(request);
    Optional<Done> answered =
        answeredRequests.find(request.getRequestId(), request, Done.getDefaultInstance());
    if (answered.isPresent()) {
      events.accept(done(answered.get()));
      return;
    }
    Procedure procedure = procedures.get(request.getProcedureId());
    requireSomething(procedure);
    requireModel(request);
    events.accept(
        GenerateProcedureCodeResponse.newBuilder()
            .setAttemptStarted(AttemptStarted.newBuilder().setAttempt(1).setGenerator(RULES))
            .build());
    Draft draft = rules.get().generate(procedure);
    events.accept(GenerateProcedureCodeResponse.newBuilder().setText(draft.code()).build());
    ValidationReport report = validation.validate(draft.code(), procedure.getProcedureId());
    events.accept(GenerateProcedureCodeResponse.newBuilder().setValidation(report).build());
    Evidence evidence = evidence(procedure, draft, events);
    Done.Builder done = result(procedure, draft, report, evidence, request);
    if (request.getSave() && done.getSuccess() && isAcceptable(report)) {
      save(procedure, done);
    }
    Done ended =
        done.setDuration(Durations.fromNanos(System.nanoTime() - begin))
            .setTime(Times.toProto(clock.instant()))
            .build();
    events.accept(
        done(
            answeredRequests.answer(
                request.getRequestId(), request, Done.getDefaultInstance(), handle -> ended)));
  }

  private static GenerateProcedureCodeResponse done(Done done) {
    return GenerateProcedureCodeResponse.newBuilder().setDone(done).build();
  }

  private static void check(GenerateProcedureCodeRequest request) {
    var violations = new Violations();
    Procedures.checkId(violations, "procedure_id", request.getProcedureId());
    TextRules.check(violations, "instructions", request.getInstructions(), 10_000);
    TextRules.checkRequestId(violations, request.getRequestId());
    violations.throwIfAny();
  }

  private static void requireSomething(Procedure procedure) {
    if (procedure.getStepsCount() == 0 && procedure.getTemplate().isBlank()) {
      throw new FailedPreconditionException(
          "NOTHING_TO_GENERATE_FROM",
          "procedure %d (%s) has neither steps nor a template; add steps with UpdateProcedure"
              .formatted(procedure.getProcedureId(), TextRules.quote(procedure.getName())),
          Map.of("procedure_id", Long.toString(procedure.getProcedureId())));
    }
  }

  private static void requireModel(GenerateProcedureCodeRequest request) {
    if (request.getUseLlm() && !request.getAllowFallback()) {
      throw new FailedPreconditionException(
          "MODEL_NOT_CONFIGURED",
          "no language model is configured (generation.model); set allow_fallback to have the code"
              + " made by rules, or leave use_llm out",
          Map.of("setting", "generation.model"));
    }
  }

  private Evidence evidence(
      Procedure procedure, Draft draft, Consumer<GenerateProcedureCodeResponse> events)
      throws InterruptedException {
    int passed = 0;
    int failed = 0;
    int skipped = 0;
    for (int i = 0; i < procedure.getExamplesCount(); i++) {
      ExampleRun run = examples.run(procedure, i, draft.code(), draft.tools());
      events.accept(GenerateProcedureCodeResponse.newBuilder().setExampleRun(run).build());
      if (run.getSkipped()) {
        skipped++;
      } else if (run.getPassed()) {
        passed++;
      } else {
        failed++;
      }
    }
    return Evidence.newBuilder()
        .setExamplesPassed(passed)
        .setExamplesFailed(failed)
        .setExamplesSkipped(skipped)
        .setStepCoverage(draft.coverage())
        .build();
  }

  private static VersionEvidence kept(Evidence evidence) {
    return new VersionEvidence(
        evidence.getExamplesPassed(), evidence.getExamplesFailed(), evidence.getStepCoverage());
  }

  private static boolean isAcceptable(ValidationReport report) {
    return report.getChecks().getSyntax() && report.getChecks().getSecurity();
  }

  private static Done.Builder result(
      Procedure procedure,
      Draft draft,
      ValidationReport report,
      Evidence evidence,
      GenerateProcedureCodeRequest request) {
    boolean acceptable = isAcceptable(report);
    Done.Builder done =
        Done.newBuilder()
            .setSuccess(draft.coverage() > 0)
            .setProcedureId(procedure.getProcedureId())
            .setCode(draft.code())
            .setConfidence(acceptable ? kept(evidence).confidence() : 0)
            .setBasis(basis(evidence, acceptable, request))
            .addAllSteps(draft.steps())
            .setEvidence(evidence)
            .addAllTools(draft.tools().stream().sorted().toList())
            .setValidation(report)
            .setGenerator(RULES);
    if (draft.coverage() == 0) {
      done.setError(
          "no step could be read; the first says: "
              + draft.steps().stream().map(StepReport::getMessage).findFirst().orElse(""));
    }
    return done;
  }

  private static String basis(
      Evidence evidence, boolean acceptable, GenerateProcedureCodeRequest request) {
    int run = evidence.getExamplesPassed() + evidence.getExamplesFailed();
    StringBuilder basis = new StringBuilder();
    if (!acceptable) {
      basis.append(
          "it breaks the policy or does not parse, so it is worth nothing and is not saved; ");
    }
    basis.append(
        run == 0
            ? "nothing was executed"
            : "%d of %d examples gave what was expected"
                .formatted(evidence.getExamplesPassed(), run));
    if (evidence.getExamplesSkipped() > 0) {
      basis.append(", %d could not be run here".formatted(evidence.getExamplesSkipped()));
    }
    basis.append("; %.0f %% of the steps are done".formatted(100 * evidence.getStepCoverage()));
    if (request.getUseLlm()) {
      basis.append("; no language model is configured, so the rules were used");
    }
    if (!request.getInstructions().isEmpty()) {
      basis.append("; the instructions were not used, rules read the steps only");
    }
    return basis.toString();
  }

  private void save(Procedure procedure, Done.Builder done) {
    int version =
        versions
            .save(
                SaveProcedureCodeRequest.newBuilder()
                    .setProcedureId(procedure.getProcedureId())
                    .setCode(done.getCode())
                    .setMessage("Generate from the definition by rules")
                    .setEtag(procedure.getEtag())
                    .build())
            .getVersion()
            .getVersion();
    VersionEvidence evidence = kept(done.getEvidence());
    done.setVersion(version)
        .setConfidence(
            jdbi.inTransaction(
                handle -> evidence.keep(handle, procedure.getProcedureId(), version)));
  }
}
