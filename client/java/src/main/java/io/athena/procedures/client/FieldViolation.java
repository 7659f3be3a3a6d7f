package io.athena.procedures.client;

/**
 * One field of a request that broke a rule.
 *
 * @param field path of the field in the request, such as {@code procedure.parameters[0].name}
 * @param description what the rule is
 */
public record FieldViolation(String field, String description) {}
