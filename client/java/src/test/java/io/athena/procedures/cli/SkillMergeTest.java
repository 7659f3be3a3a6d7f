package io.athena.procedures.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.athena.procedures.v1.Parameter;
import io.athena.procedures.v1.ParameterType;
import io.athena.procedures.v1.Procedure;
import io.athena.procedures.v1.Step;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class SkillMergeTest {
  private static final Procedure DEFINITION =
      Procedure.newBuilder()
          .setName("greet")
          .setDescription("Greets:\n  people ")
          .setCategory("social")
          .addApplicableContexts("a, b")
          .addParameters(
              Parameter.newBuilder()
                  .setName("name")
                  .setType(ParameterType.PARAMETER_TYPE_STRING)
                  .setDescription("whom")
                  .setDefaultValue(com.google.protobuf.Value.newBuilder().setStringValue("you")))
          .addSteps(Step.newBuilder().setDescription("Say  hello").setAction("say.hello"))
          .addSteps(Step.newBuilder().setDescription("Bow\nlow").setAction("bow"))
          .setTriggerPattern("somebody comes")
          .build();

  private final List<String> notes = new ArrayList<>();

  private Procedure merged(String text) throws Exception {
    return SkillMerge.merge(SkillText.read(text), DEFINITION, notes::add);
  }

  @Test
  void whatNobodyEditedStaysToTheLetter() throws Exception {
    assertThat(merged(SkillText.write(DEFINITION))).isEqualTo(DEFINITION);
    assertThat(notes).isEmpty();
  }

  @Test
  void whatWasEditedWinsAndIsTold() throws Exception {
    String edited =
        SkillText.write(DEFINITION)
            .replace("category: social", "category: work")
            .replace("1. Say  hello", "1. Smile\n2. Say hello")
            .replace("2. Bow\n   low", "3. Bow deeply");

    Procedure merged = merged(edited);

    assertThat(merged.getCategory()).isEqualTo("work");
    assertThat(merged.getStepsList())
        .containsExactly(
            Step.newBuilder().setDescription("Smile").build(),
            DEFINITION.getSteps(0),
            Step.newBuilder().setDescription("Bow deeply").build());
    assertThat(merged.getTriggerPattern()).isEqualTo("somebody comes");
    assertThat(notes)
        .containsExactly(
            "SKILL.md has the category 'work' and procedure.json 'social': that of SKILL.md is taken",
            "SKILL.md has other steps than procedure.json: those of SKILL.md are taken",
            "the step 'Bow low' of procedure.json is not in SKILL.md any more, and its action 'bow' is left out with it");
  }

  @Test
  void whatItDoesNotSayIsAddedAndTold() throws Exception {
    Procedure merged = merged("---\nname: greet\nparameters: [\"name:string=me\"]\n---\n");

    assertThat(merged.toBuilder().clearParameters().build())
        .isEqualTo(DEFINITION.toBuilder().clearParameters().build());
    assertThat(merged.getParameters(0).getDefaultValue().getStringValue()).isEqualTo("me");
    assertThat(merged.getParameters(0).getDescription()).isEqualTo("whom");
    assertThat(notes)
        .contains("SKILL.md has no steps: what procedure.json has is taken")
        .contains("SKILL.md has other parameters than procedure.json: those of SKILL.md are taken");
  }
}
