package io.athena.procedures.generation;

import com.google.protobuf.util.Durations;
import io.athena.procedures.code.CodeVersions;
import io.athena.procedures.code.JudgedSave;
import io.athena.procedures.db.AnsweredRequests;
import io.athena.procedures.db.Times;
import io.athena.procedures.error.FailedPreconditionException;
import io.athena.procedures.error.NotFoundException;
import io.athena.procedures.error.ServiceException;
import io.athena.procedures.error.Violations;
import io.athena.procedures.execution.TrialRuns;
import io.athena.procedures.generation.model.CodeModel;
import io.athena.procedures.generation.model.ModelException;
import io.athena.procedures.procedure.Procedures;
import io.athena.procedures.procedure.TextRules;
import io.athena.procedures.v1.CodeVersion;
import io.athena.procedures.v1.GenerateProcedureCodeRequest;
import io.athena.procedures.v1.GenerateProcedureCodeResponse;
import io.athena.procedures.v1.GenerateProcedureCodeResponse.AttemptStarted;
import io.athena.procedures.v1.GenerateProcedureCodeResponse.Done;
import io.athena.procedures.v1.Procedure;
import io.athena.procedures.v1.SaveProcedureCodeRequest;
import java.time.Clock;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes code for procedures and tells how it goes. Thread-safe. */
public final class Generation {
  private static final Logger log = LoggerFactory.getLogger(Generation.class);

  private final Clock clock;
  private final Procedures procedures;
  private final CodeVersions versions;
  private final AnsweredRequests answeredRequests;
  private final CandidateJudge judge;
  private final Rules rules = new Rules();
  private final @Nullable ModelAttempts model;

  /** The language model that is used, what it may take, and what it is told of policies. */
  public record Modelling(CodeModel model, ModelBudget budget, PolicyText policies) {}

  /**
   * With the features it is built on.
   *
   * @param trials runs the examples
   * @param modelling the language model; empty for none
   */
  public Generation(
      Clock clock,
      Procedures procedures,
      CodeVersions versions,
      AnsweredRequests answeredRequests,
      CodeValidation validation,
      TrialRuns trials,
      Optional<Modelling> modelling) {
    this.clock = clock;
    this.procedures = procedures;
    this.versions = versions;
    this.answeredRequests = answeredRequests;
    this.judge = new CandidateJudge(validation, trials);
    this.model =
        modelling
            .map(with -> new ModelAttempts(with.model(), with.budget(), with.policies(), judge))
            .orElse(null);
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
   * @throws FailedPreconditionException if there is nothing to make code of, or no model that does
   * @throws ServiceException if the model gives no answer and the rules are not allowed
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
    Result result =
        request.getUseLlm()
            ? byModel(procedure, request, events)
            : new Result(byRules(procedure, 1, "", events), null, "");
    Done.Builder done = Reports.done(procedure, result, request);
    Candidate best = result.best();
    JudgedSave save = request.getSave() ? judged(procedure, best, done) : null;
    // The version, the evidence for it and the answer become known together, or not at all.
    Done ended =
        answeredRequests.answer(
            request.getRequestId(),
            request,
            Done.getDefaultInstance(),
            handle -> {
              // Code that does not parse or breaks the policy was not tried.
              if (best != null && best.isAcceptable()) {
                best.kept().note(handle, procedure, best.draft().code(), best.generator());
              }
              if (save != null && best != null) {
                CodeVersion version = save.save(handle, best.kept(), best.generator(), procedure);
                done.setSaved(true)
                    .setVersion(version.getVersion())
                    .setConfidence(version.getConfidence());
              }
              return done.setDuration(Durations.fromNanos(System.nanoTime() - begin))
                  .setTime(Times.toProto(clock.instant()))
                  .build();
            });
    events.accept(done(ended));
  }

  /**
   * What is to be saved; null, which the answer then tells with the reason, if that must not be.
   */
  private @Nullable JudgedSave judged(
      Procedure procedure, @Nullable Candidate best, Done.Builder done) {
    if (best != null && done.getSuccess()) {
      int failed = done.getEvidence().getExamplesFailed();
      if (failed == 0) {
        try {
          return versions.judge(saving(procedure, best));
        } catch (FailedPreconditionException refusal) {
          // What was made, and may have cost, is told all the same.
          done.setSuccess(false).setError(refusal.getMessage());
        }
      } else {
        done.setSuccess(false).setError(Reports.failedExamples(best));
      }
    }
    done.setError("not saved: " + done.getError());
    return null;
  }

  /**
   * What was made.
   *
   * @param best null if there is no code
   * @param model what the model did; null if it was not asked
   * @param fallback why the rules were used in place of the model; empty if they were not
   */
  record Result(@Nullable Candidate best, ModelAttempts.@Nullable Outcome model, String fallback) {}

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
          "procedure %d (%s) has neither steps nor a template; add steps with UpdateProcedure, or 'athena update'"
              .formatted(procedure.getProcedureId(), TextRules.quote(procedure.getName())),
          Map.of("procedure_id", Long.toString(procedure.getProcedureId())));
    }
  }

  private Result byModel(
      Procedure procedure,
      GenerateProcedureCodeRequest request,
      Consumer<GenerateProcedureCodeResponse> events)
      throws InterruptedException {
    if (model == null) {
      if (!request.getAllowFallback()) {
        throw ModelRefusals.notConfigured();
      }
      String reason = "no language model is configured";
      return new Result(byRules(procedure, 1, reason, events), null, reason);
    }
    ModelAttempts.Outcome outcome = model.run(procedure, request, events);
    ModelException failure = outcome.failure();
    if (failure != null) {
      // Its message may hold words of the endpoint, and with them of the prompt.
      log.warn(
          "the language model gave no answer for procedure {}: {}",
          procedure.getProcedureId(),
          failure.kind());
    }
    Candidate best = outcome.best();
    if (best != null && best.isAcceptable()) {
      return new Result(best, outcome, "");
    }
    if (!request.getAllowFallback()) {
      if (failure != null && best == null) {
        throw ModelRefusals.of(failure);
      }
      return new Result(best, outcome, "");
    }
    String reason = failure != null ? failure.getMessage() : Reports.problem(outcome);
    Candidate ruled = byRules(procedure, outcome.attempts() + 1, reason, events);
    return new Result(Candidate.better(ruled, best == null ? ruled : best), outcome, reason);
  }

  private Candidate byRules(
      Procedure procedure,
      int attempt,
      String reason,
      Consumer<GenerateProcedureCodeResponse> events)
      throws InterruptedException {
    events.accept(
        GenerateProcedureCodeResponse.newBuilder()
            .setAttemptStarted(
                AttemptStarted.newBuilder()
                    .setAttempt(attempt)
                    .setGenerator(Reports.RULES)
                    .setReason(reason))
            .build());
    Draft draft = rules.get().generate(procedure);
    events.accept(GenerateProcedureCodeResponse.newBuilder().setText(draft.code()).build());
    return judge.examine(procedure, attempt, Reports.RULES, draft, events);
  }

  private static SaveProcedureCodeRequest saving(Procedure procedure, Candidate best) {
    return SaveProcedureCodeRequest.newBuilder()
        .setProcedureId(procedure.getProcedureId())
        .setCode(best.draft().code())
        .setMessage(
            best.generator().equals(Reports.RULES)
                ? "Generate from the definition by rules"
                : "Generate from the definition by a language model")
        .setEtag(procedure.getEtag())
        .build();
  }
}
