package io.athena.procedures.client;

import com.google.rpc.PreconditionFailure;

/**
 * One field of a request, or one place in code, that broke a rule.
 *
 * @param field path of the field in the request, such as {@code procedure.parameters[0].name}; or
 *     the place in code, such as {@code line 3}
 * @param description what the rule is; of code, what was found and, in brackets, the rule's id
 */
public record FieldViolation(String field, String description) {

  /** Of something that must be mended before a call can succeed. */
  static FieldViolation of(PreconditionFailure.Violation violation) {
    return new FieldViolation(
        violation.getSubject(), violation.getDescription() + " [" + violation.getType() + "]");
  }
}
