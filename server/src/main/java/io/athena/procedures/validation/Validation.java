package io.athena.procedures.validation;

import com.google.protobuf.util.Durations;
import io.athena.procedures.db.Times;
import io.athena.procedures.error.InvalidArgumentException;
import io.athena.procedures.error.Violations;
import io.athena.procedures.procedure.Procedures;
import io.athena.procedures.procedure.TextRules;
import io.athena.procedures.v1.Procedure;
import io.athena.procedures.v1.ValidateProcedureCodeRequest;
import io.athena.procedures.v1.ValidationReport;
import io.grpc.Channel;
import java.time.Clock;
import java.util.function.LongFunction;
import java.util.function.LongSupplier;

/** Examines code without running it. Thread-safe. */
public final class Validation {
  private static final int MOST_BYTES = 1 << 20;

  private final CodeAnalyzer analyzer;
  private final LongFunction<Procedure> procedures;
  private final Clock clock;
  private final LongSupplier nanoTime;
  private final Policies policies = Policies.builtIn();

  /**
   * With its own policies.
   *
   * @param workers channels to sandbox workers, at least one
   * @param procedures gives a procedure by its id, or throws what says that there is none
   */
  public Validation(Iterable<Channel> workers, LongFunction<Procedure> procedures, Clock clock) {
    this.analyzer = new CodeAnalyzer(workers);
    this.procedures = procedures;
    this.clock = clock;
    this.nanoTime = System::nanoTime;
  }

  /**
   * Examines code, by a policy, and compares it with a procedure's definition if one is named.
   *
   * @throws InvalidArgumentException if there is no code, too much of it, or no such policy
   */
  public ValidationReport validate(ValidateProcedureCodeRequest request) {
    long begin = nanoTime.getAsLong();
    Violations violations = new Violations();
    String code = request.getCode();
    violations.check(!code.isEmpty(), "code", "must not be empty");
    TextRules.checkCharacters(violations, "code", code);
    checkSize(violations, code);
    if (request.getProcedureId() != 0) {
      Procedures.checkId(violations, "procedure_id", request.getProcedureId());
    }
    violations.throwIfAny();
    Policy policy = policies.of(request.getPolicy(), "policy");
    Procedure procedure =
        request.getProcedureId() == 0
            ? Procedure.getDefaultInstance()
            : procedures.apply(request.getProcedureId());
    return Examiner.examine(analyzer.analyze(code), code, procedure, policy)
        .setDuration(Durations.fromNanos(nanoTime.getAsLong() - begin))
        .setTime(Times.toProto(clock.instant()))
        .build();
  }

  private static void checkSize(Violations violations, String code) {
    int bytes = com.google.protobuf.ByteString.copyFromUtf8(code).size();
    violations.check(
        bytes <= MOST_BYTES,
        "code",
        "has %,d bytes of UTF-8; at most %,d (1 MiB) are allowed".formatted(bytes, MOST_BYTES));
  }
}
