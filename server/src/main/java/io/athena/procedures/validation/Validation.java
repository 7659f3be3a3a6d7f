package io.athena.procedures.validation;

import com.google.protobuf.util.Durations;
import io.athena.procedures.code.CodeJudge;
import io.athena.procedures.code.CodeRules;
import io.athena.procedures.db.Times;
import io.athena.procedures.error.FailedPreconditionException;
import io.athena.procedures.error.InvalidArgumentException;
import io.athena.procedures.error.OverloadedException;
import io.athena.procedures.error.ServiceException;
import io.athena.procedures.error.UnavailableException;
import io.athena.procedures.error.Violations;
import io.athena.procedures.procedure.ProcedureRules;
import io.athena.procedures.procedure.Procedures;
import io.athena.procedures.v1.Procedure;
import io.athena.procedures.v1.ValidateProcedureCodeRequest;
import io.athena.procedures.v1.ValidationReport;
import io.grpc.Channel;
import java.time.Clock;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongFunction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Examines code without running it, and decides what of it may be saved and run. Thread-safe. */
public final class Validation implements CodeJudge {
  private static final Logger log = LoggerFactory.getLogger(Validation.class);

  private final CodeAnalyzer analyzer;
  private final ProjectPolicies policies;
  private final LongFunction<Procedure> procedures;
  private final Clock clock;

  /**
   * With its own policies.
   *
   * @param workers channels to sandbox workers, at least one
   * @param procedures gives a procedure by its id, or throws what says that there is none
   */
  public Validation(
      Iterable<Channel> workers,
      ProjectPolicies policies,
      LongFunction<Procedure> procedures,
      Clock clock) {
    this.analyzer = new CodeAnalyzer(workers);
    this.policies = policies;
    this.procedures = procedures;
    this.clock = clock;
  }

  /**
   * Examines code, by a policy, and compares it with a procedure's definition if one is named.
   *
   * @throws InvalidArgumentException if there is no code, too much of it, or no such policy
   */
  public ValidationReport validate(ValidateProcedureCodeRequest request) {
    Violations violations = new Violations();
    String code = request.getCode();
    CodeRules.check(violations, "code", code);
    ProcedureRules.checkProject(violations, "project", request.getProject());
    if (request.getProcedureId() != 0) {
      Procedures.checkId(violations, "procedure_id", request.getProcedureId());
    }
    violations.throwIfAny();
    long begin = System.nanoTime();
    Procedure procedure =
        request.getProcedureId() == 0
            ? Procedure.newBuilder().setProject(request.getProject()).build()
            : procedures.apply(request.getProcedureId());
    // The parser takes longer than the database: it has this thread, and neither waits for the
    // other.
    Aside<Policy> policy = policies.lookUp(request.getPolicy(), procedure.getProject());
    Facts facts = analyzer.analyze(procedure.getProject(), code);
    return report(facts, code, procedure, policy.get(), begin);
  }

  /**
   * Why the policy of a procedure's project does not let code run that has this report; empty if it
   * does.
   */
  public String refusal(ValidationReport report, long procedureId) {
    Breaches breaches = Breaches.in(report);
    if (breaches.isEmpty()) {
      return "";
    }
    Policy policy = policies.of("", procedures.apply(procedureId).getProject());
    return policy.onExecute() == Policy.Mode.ENFORCE ? breaches.told() : "";
  }

  @Override
  public Optional<ValidationReport> judge(long procedureId, String code, boolean draft) {
    return judge(procedures.apply(procedureId), code, draft);
  }

  @Override
  public Optional<ValidationReport> judgeOf(Procedure definition, String code) {
    return judge(definition, code, false);
  }

  private Optional<ValidationReport> judge(Procedure procedure, String code, boolean draft) {
    Policy policy = policies.of("", procedure.getProject());
    ValidationReport report;
    try {
      report = examine(code, procedure, policy);
    } catch (UnavailableException | OverloadedException | FailedPreconditionException refusal) {
      if (!draft) {
        throw refusal instanceof FailedPreconditionException ? unsaved(refusal) : refusal;
      }
      log.info(
          "a draft of procedure {} is saved unseen: {}",
          procedure.getProcedureId(),
          refusal.getMessage());
      return Optional.empty();
    }
    if (!draft) {
      requireSavable(procedure, policy, report);
    }
    return policy.onSave() == Policy.Mode.OFF ? Optional.empty() : Optional.of(report);
  }

  @Override
  public void judgeAgain(long procedureId, String code) {
    Procedure procedure = procedures.apply(procedureId);
    Policy policy = policies.of("", procedure.getProject());
    if (policy.onSave() == Policy.Mode.ENFORCE) {
      requireSavable(procedure, policy, examine(code, procedure, policy));
    }
  }

  /** To repeat the call would not help here, so it is said what does. */
  private static FailedPreconditionException unsaved(ServiceException refusal) {
    return new FailedPreconditionException(
        refusal.reason(),
        refusal.getMessage()
            + "; so the code is not saved: until there is a sandbox it can be saved as a draft, and for good after that",
        Map.of());
  }

  private static void requireSavable(Procedure procedure, Policy policy, ValidationReport report) {
    Breaches breaches = Breaches.in(report);
    Map<String, String> metadata =
        Map.of("procedure_id", Long.toString(procedure.getProcedureId()), "policy", policy.name());
    if (!report.getChecks().getSyntax()) {
      throw breaches.refusal(
          "CODE_DOES_NOT_PARSE",
          "the code does not parse, so it is not saved: %s; mend it, or save it as a draft"
              .formatted(Breaches.told(breaches.errors().getFirst())),
          metadata);
    }
    if (policy.onSave() == Policy.Mode.ENFORCE && !breaches.isEmpty()) {
      throw breaches.refusal(
          "POLICY_VIOLATED", breaches.told() + "; mend it, or save it as a draft", metadata);
    }
  }

  private ValidationReport examine(String code, Procedure procedure, Policy policy) {
    long begin = System.nanoTime();
    return report(analyzer.analyze(procedure.getProject(), code), code, procedure, policy, begin);
  }

  private ValidationReport report(
      Facts facts, String code, Procedure procedure, Policy policy, long begin) {
    return Examiner.examine(facts, code, procedure, policy)
        .setDuration(Durations.fromNanos(System.nanoTime() - begin))
        .setTime(Times.toProto(clock.instant()))
        .build();
  }
}
