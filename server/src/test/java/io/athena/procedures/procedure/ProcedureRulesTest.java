package io.athena.procedures.procedure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.protobuf.ListValue;
import com.google.protobuf.NullValue;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import io.athena.procedures.error.InvalidArgumentException;
import io.athena.procedures.error.InvalidArgumentException.Violation;
import io.athena.procedures.error.Violations;
import io.athena.procedures.v1.Example;
import io.athena.procedures.v1.Parameter;
import io.athena.procedures.v1.ParameterType;
import io.athena.procedures.v1.Procedure;
import io.athena.procedures.v1.Step;
import java.util.Collections;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ProcedureRulesTest {
  @Test
  void everyLimitMayBeReachedAndNotExceeded() {
    assertLimit("name", 200, (procedure, n) -> procedure.setName("x".repeat(n)));
    assertLimit("category", 100, (procedure, n) -> procedure.setCategory("🐍".repeat(n)));
    assertLimit("description", 10_000, (procedure, n) -> procedure.setDescription("ü".repeat(n)));
    assertLimit("template", 262_144, (procedure, n) -> procedure.setTemplate("x".repeat(n)));
    assertLimit("trigger_pattern", 2_000, (p, n) -> p.setTriggerPattern("x".repeat(n)));
    assertLimit("created_by", 200, (p, n) -> p.setCreatedBy("x".repeat(n)));
    assertLimit("project", 63, (p, n) -> p.setProject("x".repeat(n)));
    assertLimit(
        "steps", 1_000, (p, n) -> p.addAllSteps(Collections.nCopies(n, TestProcedures.step("x"))));
    assertLimit(
        "steps[0].description", 10_000, (p, n) -> p.addSteps(TestProcedures.step("x".repeat(n))));
    assertLimit(
        "steps[0].action",
        200,
        (p, n) -> p.addSteps(TestProcedures.step("x").toBuilder().setAction("x".repeat(n))));
    assertLimit(
        "steps[0].arguments",
        64 * 1024,
        // {"k":"…"} is eight bytes without the text.
        (p, n) -> p.addSteps(withArguments(text("x".repeat(n - 8)))));
    assertLimit("steps[0].arguments", 32, (p, n) -> p.addSteps(withArguments(nestedLists(n - 1))));
    assertLimit(
        "parameters",
        100,
        (p, n) -> {
          for (int i = 0; i < n; i++) {
            p.addParameters(Parameter.newBuilder().setName("p" + i));
          }
        });
    assertLimit(
        "parameters[0].name",
        100,
        (p, n) -> p.addParameters(Parameter.newBuilder().setName("x".repeat(n))));
    assertLimit(
        "parameters[0].description",
        2_000,
        (p, n) ->
            p.addParameters(Parameter.newBuilder().setName("x").setDescription("x".repeat(n))));
    assertLimit(
        "examples",
        100,
        (p, n) -> p.addAllExamples(Collections.nCopies(n, Example.getDefaultInstance())));
    assertLimit(
        "applicable_contexts",
        100,
        (p, n) -> p.addAllApplicableContexts(Collections.nCopies(n, "")));
    assertLimit("applicable_contexts[0]", 500, (p, n) -> p.addApplicableContexts("x".repeat(n)));
    assertLimit("preconditions[0]", 2_000, (p, n) -> p.addPreconditions("x".repeat(n)));
    assertLimit("postconditions[0]", 2_000, (p, n) -> p.addPostconditions("x".repeat(n)));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " x",
        "x ",
        "a\tb",
        "a\nb",
        "a\u0000b",
        "a\u0085b",
        "\ud800",
        "x\udc00",
        "\u00a0x"
      })
  void refusesNamesThatCannotBeSeenOrWritten(String name) {
    assertViolated(procedure -> procedure.setName(name), "procedure.name");
  }

  @ParameterizedTest
  @ValueSource(strings = {"run_unit_tests", "Run unit tests!", "測試", "🐍", "a/b", "x"})
  void takesNamesOfAllKinds(String name) {
    assertThat(violations(procedure -> procedure.setName(name))).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"A", "1a", "-a", "a_b", "ä", "a b", "a\n"})
  void refusesNamesOfProjectsThatBreakTheirRule(String project) {
    assertViolated(procedure -> procedure.setProject(project), "procedure.project");
  }

  @ParameterizedTest
  @ValueSource(strings = {"1x", "x y", "x-y", "class", "None", "ﬁ", "x\u200b", "x.y", "$x", "x²"})
  void refusesNamesOfParametersThatPythonDoesNotTake(String name) {
    assertViolated(
        procedure -> procedure.addParameters(Parameter.newBuilder().setName(name)),
        "procedure.parameters[0].name");
  }

  @ParameterizedTest
  @ValueSource(strings = {"x", "_", "_1", "größe", "名前", "match", "print", "self"})
  void takesNamesOfParametersThatPythonTakes(String name) {
    assertThat(
            violations(procedure -> procedure.addParameters(Parameter.newBuilder().setName(name))))
        .isEmpty();
  }

  @Test
  void refusesTwoParametersOfOneName() {
    assertViolated(
        procedure ->
            procedure
                .addParameters(Parameter.newBuilder().setName("x"))
                .addParameters(Parameter.newBuilder().setName("y"))
                .addParameters(Parameter.newBuilder().setName("x")),
        "procedure.parameters[2].name");
  }

  @Test
  void refusesDefaultsOfAnotherTypeOrForRequiredParameters() {
    assertViolated(
        procedure ->
            procedure.addParameters(parameter(ParameterType.PARAMETER_TYPE_INTEGER, number(1.5))),
        "procedure.parameters[0].default_value");
    assertViolated(
        procedure ->
            procedure.addParameters(
                parameter(ParameterType.PARAMETER_TYPE_STRING, text("x")).setRequired(true)),
        "procedure.parameters[0].default_value");
    assertViolated(
        procedure ->
            procedure.addParameters(
                parameter(ParameterType.PARAMETER_TYPE_UNSPECIFIED, Value.getDefaultInstance())),
        "procedure.parameters[0].default_value");
    assertThat(
            violations(procedure ->
                procedure.addParameters(
                    parameter(
                        ParameterType.PARAMETER_TYPE_UNSPECIFIED,
                        Value.newBuilder().setNullValue(NullValue.NULL_VALUE).build()))))
        .isEmpty();
  }

  @Test
  void refusesTypesThatItDoesNotKnow() {
    assertThat(
            violations(procedure ->
                procedure.addParameters(Parameter.newBuilder().setName("x").setTypeValue(99))))
        .containsExactly(new Violation("procedure.parameters[0].type", "has the unknown value 99"));
  }

  @Test
  void refusesExamplesThatAreNoCallsOfTheProcedure() {
    assertThat(
            violations(procedure ->
                procedure
                    .addParameters(
                        Parameter.newBuilder()
                            .setName("path")
                            .setType(ParameterType.PARAMETER_TYPE_STRING)
                            .setRequired(true))
                    .addExamples(example("path", text("x")))
                    .addExamples(example("path", number(3)))
                    .addExamples(example("pth", text("x")))))
        .containsExactly(
            new Violation(
                "procedure.examples[1].parameters", "'path' must be a string but is the number 3"),
            new Violation(
                "procedure.examples[2].parameters",
                "names the unknown parameter 'pth'; known are 'path'"),
            new Violation(
                "procedure.examples[2].parameters", "lacks the required parameter 'path'"));
  }

  @Test
  void refusesValuesThatJsonCannotHold() {
    for (Value bad :
        List.of(
            number(Double.NaN),
            number(Double.POSITIVE_INFINITY),
            text("\0"),
            text("\udfff"),
            Value.getDefaultInstance(),
            Value.newBuilder()
                .setStructValue(Struct.newBuilder().putFields("\0", text("")))
                .build())) {
      assertViolated(
          procedure -> procedure.addSteps(withArguments(list(bad))),
          "procedure.steps[0].arguments");
      assertViolated(
          procedure -> procedure.addExamples(Example.newBuilder().setExpected(list(bad))),
          "procedure.examples[0].expected");
    }
  }

  @Test
  void survivesNestingOfAnyDepth() {
    assertViolated(
        procedure -> procedure.addSteps(withArguments(nestedLists(2_000))),
        "procedure.steps[0].arguments");
  }

  @Test
  void tellsEverythingThatIsWrongAtOnce() {
    assertViolated(
        procedure ->
            procedure
                .setName("")
                .setCategory("x".repeat(101))
                .addSteps(TestProcedures.step("fine"))
                .addSteps(TestProcedures.step(""))
                .addPreconditions("\0"),
        "procedure.name",
        "procedure.category",
        "procedure.steps[1].description",
        "procedure.preconditions[0]");
  }

  private interface Filling {
    void fill(Procedure.Builder procedure, int size);
  }

  private static void assertLimit(String field, int most, Filling filling) {
    assertThat(violations(procedure -> filling.fill(procedure, most)))
        .as(field + " at its limit")
        .isEmpty();
    assertThat(violations(procedure -> filling.fill(procedure, most + 1)))
        .as(field + " above its limit")
        .extracting(Violation::field)
        .containsExactly("procedure." + field);
  }

  private static void assertViolated(Consumer<Procedure.Builder> filling, String... fields) {
    assertThat(violations(filling)).extracting(Violation::field).containsExactly(fields);
  }

  private static List<Violation> violations(Consumer<Procedure.Builder> filling) {
    Procedure.Builder procedure = Procedure.newBuilder().setName("name");
    filling.accept(procedure);
    var violations = new Violations();
    ProcedureRules.check(violations, "procedure", procedure.build());
    @Nullable InvalidArgumentException failure =
        catchThrowableOfType(InvalidArgumentException.class, violations::throwIfAny);
    return failure == null ? List.of() : failure.violations();
  }

  private static Parameter.Builder parameter(ParameterType type, Value defaultValue) {
    return Parameter.newBuilder().setName("x").setType(type).setDefaultValue(defaultValue);
  }

  private static Example example(String name, Value value) {
    return Example.newBuilder().setParameters(Struct.newBuilder().putFields(name, value)).build();
  }

  private static Step withArguments(Value value) {
    return Step.newBuilder()
        .setDescription("x")
        .setArguments(Struct.newBuilder().putFields("k", value))
        .build();
  }

  private static Value nestedLists(int levels) {
    Value value = number(1);
    for (int i = 0; i < levels; i++) {
      value = list(value);
    }
    return value;
  }

  private static Value list(Value value) {
    return Value.newBuilder().setListValue(ListValue.newBuilder().addValues(value)).build();
  }

  private static Value number(double number) {
    return Value.newBuilder().setNumberValue(number).build();
  }

  private static Value text(String text) {
    return Value.newBuilder().setStringValue(text).build();
  }
}
