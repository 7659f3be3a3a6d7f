package io.athena.procedures.validation;

import com.google.protobuf.ByteString;
import com.google.protobuf.util.Durations;
import io.athena.procedures.code.CodeJudge;
import io.athena.procedures.db.Times;
import io.athena.procedures.error.FailedPreconditionException;
import io.athena.procedures.error.InvalidArgumentException;
import io.athena.procedures.error.OverloadedException;
import io.athena.procedures.error.ServiceException;
import io.athena.procedures.error.UnavailableException;
import io.athena.procedures.error.Violations;
import io.athena.procedures.procedure.ProcedureRules;
import io.athena.procedures.procedure.Procedures;
import io.athena.procedures.procedure.TextRules;
import io.athena.procedures.v1.Issue;
import io.athena.procedures.v1.Procedure;
import io.athena.procedures.v1.ValidateProcedureCodeRequest;
import io.athena.procedures.v1.ValidationReport;
import io.grpc.Channel;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongFunction;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Examines code without running it, and decides what of it may be saved and run. Thread-safe. */
public final class Validation implements CodeJudge {
  private static final Logger log = LoggerFactory.getLogger(Validation.class);
  private static final int MOST_BYTES = 1 << 20;
  private static final int MOST_TOLD = 3;

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
    violations.check(!code.isEmpty(), "code", "must not be empty");
    TextRules.checkCharacters(violations, "code", code);
    int bytes = ByteString.copyFromUtf8(code).size();
    violations.check(
        bytes <= MOST_BYTES,
        "code",
        "has %,d bytes of UTF-8; at most %,d (1 MiB) are allowed".formatted(bytes, MOST_BYTES));
    ProcedureRules.checkProject(violations, "project", request.getProject());
    if (request.getProcedureId() != 0) {
      Procedures.checkId(violations, "procedure_id", request.getProcedureId());
    }
    violations.throwIfAny();
    long begin = System.nanoTime();
    // The parser takes about as long as the database: neither waits for the other.
    try (Analysis analysis = Analysis.begin(analyzer, code)) {
      Procedure procedure =
          request.getProcedureId() == 0
              ? Procedure.newBuilder().setProject(request.getProject()).build()
              : procedures.apply(request.getProcedureId());
      Policy policy = policies.of(request.getPolicy(), procedure.getProject());
      return report(analysis.facts(), code, procedure, policy, begin);
    }
  }

  /**
   * Why the policy of a procedure's project does not let code run that has this report; empty if it
   * does.
   */
  public String refusal(ValidationReport report, long procedureId) {
    List<Issue> errors = report.getIssuesList().stream().filter(Examiner::isError).toList();
    if (errors.isEmpty()) {
      return "";
    }
    Policy policy = policies.of("", procedures.apply(procedureId).getProject());
    return policy.onExecute() == Policy.Mode.ENFORCE ? breaks(policy, errors) : "";
  }

  @Override
  public Verdict judge(long procedureId, String code, boolean draft) {
    Procedure procedure = procedures.apply(procedureId);
    Policy policy = policies.of("", procedure.getProject());
    ValidationReport report;
    try {
      report = examine(code, procedure, policy);
    } catch (UnavailableException | OverloadedException | FailedPreconditionException refusal) {
      if (!draft) {
        throw refusal instanceof FailedPreconditionException ? unsaved(refusal) : refusal;
      }
      log.info("a draft of procedure {} is saved unseen: {}", procedureId, refusal.getMessage());
      return new Verdict(Optional.empty(), unseen(policy, refusal));
    }
    List<Issue> errors = report.getIssuesList().stream().filter(Examiner::isError).toList();
    if (!draft) {
      requireSavable(procedure, policy, report, errors);
    }
    boolean stored = policy.onSave() != Policy.Mode.OFF;
    boolean refused = policy.onExecute() == Policy.Mode.ENFORCE && !errors.isEmpty();
    return new Verdict(
        stored ? Optional.of(report) : Optional.empty(),
        refused ? breaks(policy, errors) + "; save code that keeps it" : "");
  }

  /** To repeat the call would not help here, so it is said what does. */
  private static FailedPreconditionException unsaved(ServiceException refusal) {
    return new FailedPreconditionException(
        refusal.reason(),
        refusal.getMessage()
            + "; so the code is not saved: until there is a sandbox it can be saved as a draft, and for good after that",
        Map.of());
  }

  private static String unseen(Policy policy, ServiceException refusal) {
    return policy.onExecute() == Policy.Mode.ENFORCE
        ? "policy '%s' lets nothing run that was not examined, and this was saved when it could not be (%s); save it again"
            .formatted(policy.name(), refusal.reason())
        : "";
  }

  private static void requireSavable(
      Procedure procedure, Policy policy, ValidationReport report, List<Issue> errors) {
    Map<String, String> metadata =
        Map.of("procedure_id", Long.toString(procedure.getProcedureId()), "policy", policy.name());
    if (!report.getChecks().getSyntax()) {
      throw new FailedPreconditionException(
          "CODE_DOES_NOT_PARSE",
          "the code does not parse, so it is not saved: %s; mend it, or save it as a draft"
              .formatted(told(errors.get(0))),
          metadata,
          violations(errors));
    }
    if (policy.onSave() == Policy.Mode.ENFORCE && !errors.isEmpty()) {
      throw new FailedPreconditionException(
          "POLICY_VIOLATED",
          breaks(policy, errors) + "; mend it, or save it as a draft",
          metadata,
          violations(errors));
    }
  }

  private static String breaks(Policy policy, List<Issue> errors) {
    int more = errors.size() - MOST_TOLD;
    return "the code breaks policy '%s': %s%s"
        .formatted(
            policy.name(),
            errors.stream()
                .limit(MOST_TOLD)
                .map(Validation::told)
                .collect(Collectors.joining("; ")),
            more > 0 ? "; and " + more + " more" : "");
  }

  private static String told(Issue issue) {
    return (issue.getLine() == 0 ? "" : "line " + issue.getLine() + ": ")
        + issue.getMessage()
        + " ["
        + issue.getRuleId()
        + "]";
  }

  private static List<FailedPreconditionException.Violation> violations(List<Issue> errors) {
    return errors.stream()
        .map(issue ->
            new FailedPreconditionException.Violation(
                issue.getRuleId(),
                issue.getLine() == 0 ? "code" : "line " + issue.getLine(),
                issue.getMessage()))
        .toList();
  }

  private ValidationReport examine(String code, Procedure procedure, Policy policy) {
    long begin = System.nanoTime();
    return report(analyzer.analyze(code), code, procedure, policy, begin);
  }

  private ValidationReport report(
      Facts facts, String code, Procedure procedure, Policy policy, long begin) {
    return Examiner.examine(facts, code, procedure, policy)
        .setDuration(Durations.fromNanos(System.nanoTime() - begin))
        .setTime(Times.toProto(clock.instant()))
        .build();
  }
}
