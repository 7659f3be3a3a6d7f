package io.athena.procedures.procedure;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.util.JsonFormat;
import io.athena.procedures.v1.Parameter;
import io.athena.procedures.v1.Procedure;
import java.util.List;

/** The part of a procedure that is kept as JSON, which is all that has no column of its own. */
public final class Definitions {
  private static final JsonFormat.Printer PRINTER =
      JsonFormat.printer().omittingInsignificantWhitespace();

  private static final JsonFormat.Printer DOCUMENT_PRINTER = JsonFormat.printer().sortingMapKeys();

  /** A newer server on the same database may have written fields that this one does not know. */
  private static final JsonFormat.Parser PARSER = JsonFormat.parser().ignoringUnknownFields();

  /** Every field that callers can change; the others are fixed or given by the service. */
  static final List<String> CHANGEABLE =
      List.of(
          "name",
          "category",
          "description",
          "steps",
          "template",
          "parameters",
          "examples",
          "trigger_pattern",
          "applicable_contexts",
          "preconditions",
          "postconditions");

  private Definitions() {}

  static String toJson(Procedure procedure) {
    Procedure definition =
        Procedure.newBuilder()
            .addAllSteps(procedure.getStepsList())
            .setTemplate(procedure.getTemplate())
            .addAllParameters(procedure.getParametersList())
            .addAllExamples(procedure.getExamplesList())
            .setTriggerPattern(procedure.getTriggerPattern())
            .addAllApplicableContexts(procedure.getApplicableContextsList())
            .addAllPreconditions(procedure.getPreconditionsList())
            .addAllPostconditions(procedure.getPostconditionsList())
            .build();
    try {
      return PRINTER.print(definition);
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException("a procedure that passed its rules has no JSON form", e);
    }
  }

  /**
   * What git keeps of a procedure beside its code: JSON in Protobuf's form, laid out for people and
   * for comparing lines.
   */
  public static String document(Procedure procedure) {
    Procedure lasting =
        procedure.toBuilder()
            .clearCreateTime()
            .clearUpdateTime()
            .clearEtag()
            .clearCurrentVersion()
            .clearCurrentCommitId()
            .clearConfidence()
            .clearUsageCount()
            .clearSuccessRate()
            .build();
    try {
      return DOCUMENT_PRINTER.print(lasting) + "\n";
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException("a procedure that passed its rules has no JSON form", e);
    }
  }

  /**
   * Names what code is made of: steps, template, parameters, examples and conditions. Another name
   * means that code which is made anew may be other code.
   */
  public static String id(Procedure procedure) {
    Procedure made =
        Procedure.newBuilder()
            .addAllSteps(procedure.getStepsList())
            .setTemplate(procedure.getTemplate())
            .addAllParameters(procedure.getParametersList())
            .addAllExamples(procedure.getExamplesList())
            .addAllPreconditions(procedure.getPreconditionsList())
            .addAllPostconditions(procedure.getPostconditionsList())
            .build();
    try {
      return Fingerprint.of(DOCUMENT_PRINTER.print(made));
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException("a procedure that passed its rules has no JSON form", e);
    }
  }

  /** The same of a stored definition. */
  public static String idOfStored(String json) {
    return id(fromJson(json).build());
  }

  /** The parameters in a stored definition. */
  public static List<Parameter> parameters(String json) {
    return fromJson(json).build().getParametersList();
  }

  static Procedure.Builder fromJson(String json) {
    Procedure.Builder procedure = Procedure.newBuilder();
    try {
      PARSER.merge(json, procedure);
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException("a stored definition cannot be read", e);
    }
    return procedure;
  }
}
