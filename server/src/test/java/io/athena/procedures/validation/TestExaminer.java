package io.athena.procedures.validation;

import io.athena.procedures.code.CodeRules;
import io.athena.procedures.error.Violations;
import io.athena.procedures.execution.RealWorker;
import io.athena.procedures.v1.Procedure;
import io.athena.procedures.v1.ValidateProcedureCodeRequest;
import io.athena.procedures.v1.ValidationReport;
import java.io.IOException;

/** Examines code with a real parser and the policies that come with the server; no database. */
final class TestExaminer implements AutoCloseable {
  private final RealWorker worker = new RealWorker();
  private final CodeAnalyzer analyzer = new CodeAnalyzer(java.util.List.of(worker.channel()));
  private final Policies policies = Policies.builtIn();

  static TestExaminer start() {
    return new TestExaminer();
  }

  ValidationReport validate(String code) {
    return validate(code, Procedure.getDefaultInstance(), "default");
  }

  ValidationReport validate(String code, Procedure procedure, String policy) {
    return validate(code, procedure, policies.of(policy, "policy"));
  }

  ValidationReport validate(String code, Procedure procedure, Policy policy) {
    return Examiner.examine(analyzer.analyze("", code), code, procedure, policy).build();
  }

  /** By the default policy; refuses what the service refuses. */
  ValidationReport validate(ValidateProcedureCodeRequest request) {
    String code = request.getCode();
    Violations violations = new Violations();
    // Some are larger than the service takes, so that the parser meets them, too.
    CodeRules.check(violations, "code", code.substring(0, Math.min(code.length(), 100_000)));
    violations.throwIfAny();
    return validate(request.getCode());
  }

  @Override
  public void close() throws IOException {
    worker.close();
  }
}
