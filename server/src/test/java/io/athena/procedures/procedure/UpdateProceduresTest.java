package io.athena.procedures.procedure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import com.google.protobuf.Struct;
import io.athena.procedures.db.TestDatabase;
import io.athena.procedures.error.AbortedException;
import io.athena.procedures.error.AlreadyExistsException;
import io.athena.procedures.error.ServiceException;
import io.athena.procedures.v1.Example;
import io.athena.procedures.v1.Parameter;
import io.athena.procedures.v1.Procedure;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Changes of definitions. */
final class UpdateProceduresTest {
  @RegisterExtension static final TestDatabase database = TestDatabase.create();

  private final Procedures procedures = TestProcedures.on(database);

  @Test
  void changesOnlyTheFieldsThatTheMaskNames() {
    Procedure before =
        TestProcedures.remember(procedures, TestProcedures.fullDefinition("masked").build());

    Procedure after =
        procedures.update(
            TestProcedures.update(
                Procedure.newBuilder()
                    .setProcedureId(before.getProcedureId())
                    .setDescription("new")
                    .setCategory("not taken over"),
                "description",
                "steps"));

    assertThat(after.getEtag()).isNotEqualTo(before.getEtag());
    assertThat(after.toBuilder().clearEtag().clearUpdateTime().build())
        .isEqualTo(
            before.toBuilder()
                .clearEtag()
                .clearUpdateTime()
                .setDescription("new")
                .clearSteps()
                .build());
    assertThat(procedures.get(before.getProcedureId())).isEqualTo(after);
  }

  @Test
  void changesEveryFieldThatIsSetWhenThereIsNoMask() {
    Procedure before =
        TestProcedures.remember(procedures, TestProcedures.fullDefinition("unmasked").build());

    Procedure after =
        procedures.update(TestProcedures.update(before.toBuilder().setTemplate("changed")));

    assertThat(after.getTemplate()).isEqualTo("changed");
    assertThat(after.getStepsList()).isEqualTo(before.getStepsList());
    assertThat(procedures.update(TestProcedures.update(after.toBuilder()))).isEqualTo(after);
  }

  @Test
  void refusesMasksOfUnknownOrFixedFields() {
    Procedure stored = TestProcedures.remember(procedures, "", "bad masks");
    Procedure.Builder wanted = Procedure.newBuilder().setProcedureId(stored.getProcedureId());

    TestProcedures.assertViolations(
        () ->
            procedures.update(
                TestProcedures.update(
                    wanted, "procedure_id", "steps.description", "project", "nonsense", "etag")),
        "update_mask.paths[0]",
        "update_mask.paths[1]",
        "update_mask.paths[2]",
        "update_mask.paths[3]",
        "update_mask.paths[4]");
    TestProcedures.assertViolations(
        () ->
            procedures.update(
                TestProcedures.update(wanted.setProject("elsewhere").setCreatedBy("me"))),
        "procedure.project",
        "procedure.created_by");
  }

  @Test
  void refusesAChangeOfWhatTheCallerHasNotSeen() {
    Procedure first = TestProcedures.remember(procedures, "", "with etag");
    Procedure second =
        procedures.update(TestProcedures.update(first.toBuilder().setDescription("second")));

    assertThatThrownBy(() ->
            procedures.update(
                TestProcedures.update(first.toBuilder().setDescription("overwrites"))))
        .isInstanceOf(AbortedException.class)
        .hasMessageContaining("procedure " + first.getProcedureId() + " has changed")
        .asInstanceOf(type(ServiceException.class))
        .satisfies(e -> assertThat(e.reason()).isEqualTo("ETAG_MISMATCH"));
    assertThatThrownBy(() -> procedures.forget(TestProcedures.forget(first)))
        .isInstanceOf(AbortedException.class);
    assertThat(procedures.get(first.getProcedureId())).isEqualTo(second);
  }

  @Test
  void refusesAChangeToANameThatIsTaken() {
    TestProcedures.remember(procedures, "", "occupied");
    Procedure other = TestProcedures.remember(procedures, "", "free");

    assertThatThrownBy(
            () -> procedures.update(TestProcedures.update(other.toBuilder().setName("occupied"))))
        .isInstanceOf(AlreadyExistsException.class);
    assertThat(procedures.get(other.getProcedureId())).isEqualTo(other);
  }

  @Test
  void refusesAChangeThatBreaksARuleTogetherWithWhatIsStored() {
    Procedure stored =
        TestProcedures.remember(
            procedures,
            Procedure.newBuilder()
                .setName("example needs parameter")
                .addParameters(Parameter.newBuilder().setName("x"))
                .addExamples(
                    Example.newBuilder()
                        .setParameters(
                            Struct.newBuilder().putFields("x", TestProcedures.number(1))))
                .build());

    TestProcedures.assertViolations(
        () ->
            procedures.update(
                TestProcedures.update(
                    Procedure.newBuilder().setProcedureId(stored.getProcedureId()), "parameters")),
        "procedure.examples[0].parameters");
  }
}
