package io.athena.procedures.procedure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ListValue;
import com.google.protobuf.NullValue;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import io.athena.procedures.code.CodeVersions;
import io.athena.procedures.db.AnsweredRequests;
import io.athena.procedures.db.TestDatabase;
import io.athena.procedures.error.InvalidArgumentException;
import io.athena.procedures.error.InvalidArgumentException.Violation;
import io.athena.procedures.v1.Example;
import io.athena.procedures.v1.ForgetProcedureRequest;
import io.athena.procedures.v1.Parameter;
import io.athena.procedures.v1.ParameterType;
import io.athena.procedures.v1.Procedure;
import io.athena.procedures.v1.RememberProcedureRequest;
import io.athena.procedures.v1.Step;
import io.athena.procedures.v1.UpdateProcedureRequest;
import java.time.Clock;

/** Makes procedures for tests. */
public final class TestProcedures {
  private TestProcedures() {}

  /** The feature on a database where nothing runs. */
  public static Procedures on(TestDatabase database) {
    Clock clock = Clock.systemUTC();
    return new Procedures(
        database.jdbi(),
        clock,
        new AnsweredRequests(database.jdbi(), clock),
        (handle, procedureId) -> false,
        CodeVersions::remove);
  }

  /** Remembers a procedure that has nothing but a name, in a project of its own if it is named. */
  public static Procedure remember(Procedures procedures, String project, String name) {
    return procedures.remember(
        RememberProcedureRequest.newBuilder()
            .setProcedure(Procedure.newBuilder().setProject(project).setName(name))
            .build());
  }

  static Step step(String description) {
    return Step.newBuilder().setDescription(description).build();
  }

  /** As it is stored. */
  static Procedure remember(Procedures procedures, Procedure definition) {
    return procedures.remember(
        RememberProcedureRequest.newBuilder().setProcedure(definition).build());
  }

  /** With every field set. */
  static Procedure.Builder fullDefinition(String name) {
    return Procedure.newBuilder()
        .setName(name)
        .setCategory("testing")
        .setDescription("Does it all: ünïcödé 🐍, \"quotes\" and\nlines")
        .addSteps(
            Step.newBuilder()
                .setDescription("Read the file")
                .setAction("csv.read")
                .setArguments(
                    Struct.newBuilder()
                        .putFields(
                            "list",
                            Value.newBuilder()
                                .setListValue(
                                    ListValue.newBuilder()
                                        .addValues(number(1e300))
                                        .addValues(number(-0.5)))
                                .build())
                        .putFields(
                            "null", Value.newBuilder().setNullValue(NullValue.NULL_VALUE).build())))
        .setTemplate("print({{x}})")
        .addParameters(
            Parameter.newBuilder()
                .setName("x")
                .setType(ParameterType.PARAMETER_TYPE_INTEGER)
                .setDefaultValue(number(9007199254740992.0)))
        .addParameters(Parameter.newBuilder().setName("größe").setRequired(true))
        .addExamples(
            Example.newBuilder()
                .setParameters(Struct.newBuilder().putFields("größe", number(2)))
                .setExpected(Value.newBuilder().setStringValue("two")))
        .setTriggerPattern("when asked")
        .addApplicableContexts("here")
        .addPreconditions("before")
        .addPostconditions("after")
        .setCreatedBy("someone");
  }

  static Value number(double number) {
    return Value.newBuilder().setNumberValue(number).build();
  }

  /** As the caller last saw it. */
  static ForgetProcedureRequest forget(Procedure procedure) {
    return ForgetProcedureRequest.newBuilder()
        .setProcedureId(procedure.getProcedureId())
        .setEtag(procedure.getEtag())
        .build();
  }

  /** The call is refused for exactly these fields. */
  static void assertViolations(Runnable call, String... fields) {
    assertThatThrownBy(call::run)
        .isInstanceOfSatisfying(
            InvalidArgumentException.class,
            e -> assertThat(e.violations()).extracting(Violation::field).containsExactly(fields));
  }

  /** A change of these fields, or of all that are set. */
  static UpdateProcedureRequest update(Procedure.Builder procedure, String... mask) {
    var request = UpdateProcedureRequest.newBuilder().setProcedure(procedure);
    for (String path : mask) {
      request.getUpdateMaskBuilder().addPaths(path);
    }
    return request.build();
  }
}
