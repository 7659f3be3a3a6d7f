package io.athena.procedures.validation;

import com.google.protobuf.InvalidProtocolBufferException;
import io.athena.procedures.code.RunJudge;
import io.athena.procedures.code.RunVerdicts;
import io.athena.procedures.code.RunnableCode;
import io.athena.procedures.error.FailedPreconditionException;
import io.athena.procedures.v1.Issue;
import io.athena.procedures.v1.Procedure;
import io.athena.procedures.v1.ValidationReport;
import io.grpc.Channel;
import java.util.Map;
import java.util.function.LongFunction;

/**
 * Holds runs to the policy of their project.
 *
 * <p>A version is examined when it is to run for the first time under a policy that enforces. What
 * was found is kept with it and holds as long as policy, definition and this server's rules do, so
 * that other runs cost nothing more. Thread-safe.
 */
public final class RunPolicy implements RunJudge {
  private final CodeAnalyzer analyzer;
  private final ProjectPolicies policies;
  private final LongFunction<Procedure> procedures;
  private final RunVerdicts verdicts;

  /**
   * With projects' policies.
   *
   * @param workers channels to sandbox workers, at least one
   * @param procedures gives a procedure by its id, or throws what says that there is none
   */
  public RunPolicy(
      Iterable<Channel> workers,
      ProjectPolicies policies,
      LongFunction<Procedure> procedures,
      RunVerdicts verdicts) {
    this.analyzer = new CodeAnalyzer(workers);
    this.policies = policies;
    this.procedures = procedures;
    this.verdicts = verdicts;
  }

  @Override
  public void require(RunnableCode code) {
    RunnableCode.Standing standing = code.standing();
    ProjectPolicies.Holding holding = policies.holding(code.project(), standing.policyRevision());
    if (!code.hasCode() || holding.policy().onExecute() != Policy.Mode.ENFORCE) {
      return;
    }
    String judge = holding.judge() + "." + code.definitionHash();
    Breaches breaches =
        standing.judgedBy().equals(judge) ? kept(standing) : judged(code, holding.policy(), judge);
    if (!breaches.isEmpty()) {
      throw refusal(code, breaches);
    }
  }

  private static Breaches kept(RunnableCode.Standing standing) {
    byte[] errors = standing.refusedFor();
    try {
      return Breaches.in(
          errors == null
              ? ValidationReport.getDefaultInstance()
              : ValidationReport.parseFrom(errors));
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException("a stored verdict cannot be read", e);
    }
  }

  private Breaches judged(RunnableCode code, Policy policy, String judge) {
    Procedure procedure = procedures.apply(code.procedureId());
    Facts facts = analyzer.analyze(code.project(), code.code());
    Breaches breaches =
        Breaches.in(Examiner.examine(facts, code.code(), procedure, policy).build());
    // A parser that ended without an answer may have one next time.
    if (facts.error() == null || !facts.error().isOfAnalysis()) {
      verdicts.keep(code, judge, breaches.isEmpty() ? null : kept(breaches));
    }
    return breaches;
  }

  private static byte[] kept(Breaches breaches) {
    return ValidationReport.newBuilder()
        .setPolicy(breaches.policy())
        .addAllIssues(breaches.errors().stream().map(RunPolicy::bare).toList())
        .build()
        .toByteArray();
  }

  /** What is told of an error, and what makes it one. */
  private static Issue bare(Issue error) {
    return Issue.newBuilder()
        .setRuleId(error.getRuleId())
        .setSeverity(error.getSeverity())
        .setMessage(error.getMessage())
        .setLine(error.getLine())
        .build();
  }

  private static FailedPreconditionException refusal(RunnableCode code, Breaches breaches) {
    return breaches.refusal(
        "POLICY_VIOLATED",
        "version v%d of procedure %d must not run: %s; save code that keeps it"
            .formatted(code.version(), code.procedureId(), breaches.told()),
        Map.of(
            "procedure_id", Long.toString(code.procedureId()),
            "version", Integer.toString(code.version()),
            "policy", breaches.policy()));
  }
}
