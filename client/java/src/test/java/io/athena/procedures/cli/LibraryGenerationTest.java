package io.athena.procedures.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Libraries with code that was generated: what moves with it, and when it is made anew. */
@Timeout(120)
final class LibraryGenerationTest {
  @RegisterExtension static final ServedCommands commands = new ServedCommands();

  @Test
  void stepsThatWereEditedMakeTheirCodeAnewAndOnlyOnce() throws IOException {
    Path skills = exported("edited", "Reverse the text");
    edit(
        skills.resolve("edited/SKILL.md"),
        "Reverse the text",
        "Turn the text into capital letters");

    commands.ask(
        "import", skills.toString(), "--project", "edited", "--replace", "--generate", "--no-llm");

    assertThat(run("edited")).isEqualTo("\"AB\"\n");
    assertThat(importAgain(skills, "edited")).contains("0 replaced, 1 unchanged");
    assertThat(commands.err()).doesNotContain("anew");
    assertThat(run("edited")).isEqualTo("\"AB\"\n");
    assertThat(importAgain(skills, "edited-elsewhere")).contains("1 new").contains("1 generated");
    assertThat(commands.err())
        .contains("its definition has changed since v1 was generated of it; it is generated anew");
    assertThat(run("edited", "edited-elsewhere")).isEqualTo("\"AB\"\n");
  }

  @Test
  void aSkillWrittenByHandIsGeneratedAnewWhenItsStepsAreEdited() throws IOException {
    Path skills = commands.directory().resolve("hand");
    Path skill = Files.createDirectories(skills.resolve("hand")).resolve("SKILL.md");
    Files.writeString(
        skill, "---\nname: hand\nparameters:\n  - text:string\n---\n1. Reverse the text\n");
    importAgain(skills, "hand");
    assertThat(run("hand")).isEqualTo("\"ba\"\n");
    edit(skill, "Reverse the text", "Turn the text into capital letters");

    assertThat(importAgain(skills, "hand")).contains("1 replaced").contains("1 generated");

    assertThat(run("hand")).isEqualTo("\"AB\"\n");
  }

  @Test
  void codeThatAPersonWroteOrEditedStaysAndIsTold() throws IOException {
    Path skills = exported("mine", "Reverse the text");
    edit(skills.resolve("mine/SKILL.md"), "Reverse the text", "Sort the lines of the text");
    Files.writeString(
        skills.resolve("mine/main.py"), "def mine(text: str) -> str:\n    return text * 2\n");

    assertThat(importAgain(skills, "mine"))
        .contains("0 generated, 0 with steps missing, 0 not generated, 1 kept");

    assertThat(commands.err())
        .contains("mine: its code was edited since it was exported, and stays; '")
        .contains("generate ")
        .contains(" --save' makes code of the steps instead");
    assertThat(run("mine")).isEqualTo("\"abab\"\n");
    commands.remember(
        "written",
        "def written(text):\n    return text\n",
        "--project",
        "written",
        "--parameter",
        "text:string",
        "--step",
        "Return the text");
    Path lines =
        Files.writeString(
            commands.directory().resolve("written.jsonl"),
            "{\"procedure\": {\"name\": \"written\", \"parameters\": [{\"name\": \"text\", \"type\": \"PARAMETER_TYPE_STRING\", \"required\": true}], \"steps\": [{\"description\": \"Reverse the text\"}]}}\n");
    assertThat(importAgain(lines, "written")).contains("1 kept");
    assertThat(commands.err())
        .contains("its definition has changed, but v1 was not generated, and stays");
  }

  @Test
  void codeIsWorthTheSameInTheOtherProject() throws Exception {
    Path skills =
        exported("partly", "Reverse the text", "Frobnicate the zorg", "Defenestrate the quux");
    String lines = commands.ask("export", "--project", "partly");
    double confidence = confidence("partly", "partly");
    assertThat(confidence).isCloseTo(1.0 / 6, within(1e-6));

    commands.ask("import", skills.toString(), "--project", "partly-skills");
    commands.askWithInput(lines, "import", "-", "--project", "partly-lines");

    assertThat(confidence("partly", "partly-skills")).isCloseTo(confidence, within(1e-9));
    assertThat(confidence("partly", "partly-lines")).isCloseTo(confidence, within(1e-9));
    assertThat(commands.ask("export", "--project", "partly-skills")).isEqualTo(lines);
  }

  @Test
  void theReportOfGenerationsIsOneObjectAndProgressIsBesideIt() throws Exception {
    Path file =
        Files.writeString(
            commands.directory().resolve("report.jsonl"),
            """
            {"procedure": {"name": "whole", "parameters": [{"name": "text", "type": "PARAMETER_TYPE_STRING"}], "steps": [{"description": "Reverse the text"}]}}
            {"procedure": {"name": "half", "parameters": [{"name": "text", "type": "PARAMETER_TYPE_STRING"}], "steps": [{"description": "Reverse the text"}, {"description": "Frobnicate the zorg"}]}}
            {"procedure": {"name": "empty"}}
            {"procedure": {"name": "coded"}, "code": "def coded():\\n    return 1\\n"}
            {"procedure": {"name": ""}}
            """);

    assertThat(
            commands.run(
                "import",
                file.toString(),
                "--project",
                "report",
                "--generate",
                "--no-llm",
                "--json"))
        .isEqualTo(ExitCodes.FAILURE);

    assertThat(commands.out().lines()).hasSize(1);
    Struct report = ServedCommands.json(commands.out());
    assertThat(report.getFieldsOrThrow("importedCount").getNumberValue()).isEqualTo(4);
    List<Struct> generations =
        report.getFieldsOrThrow("generations").getListValue().getValuesList().stream()
            .map(Value::getStructValue)
            .toList();
    assertThat(generations)
        .extracting(one -> string(one, "name") + " " + string(one, "outcome"))
        .containsExactly("whole GENERATED", "half INCOMPLETE", "empty FAILED", "coded KEPT");
    Struct half = generations.get(1);
    assertThat(half.getFieldsOrThrow("stepsDone").getNumberValue()).isEqualTo(1);
    Struct missing =
        half.getFieldsOrThrow("stepsMissing").getListValue().getValues(0).getStructValue();
    assertThat(missing.getFieldsOrThrow("step").getNumberValue()).isEqualTo(2);
    assertThat(string(missing, "description")).isEqualTo("Frobnicate the zorg");
    assertThat(half.getFieldsOrThrow("confidence").getNumberValue()).isCloseTo(0.25, within(1e-6));
    assertThat(string(half, "procedureId"))
        .isEqualTo(
            report.getFieldsOrThrow("procedureIds").getListValue().getValues(1).getStringValue());
    assertThat(string(generations.get(2), "error")).contains("neither steps nor a template");
    assertThat(commands.err())
        .contains("whole: confidence 50 %")
        .contains("1 generated, 1 with steps missing, 1 not generated, 1 kept");
  }

  @Test
  void codeAgainstThePolicyIsToldAndUnderEnforcementRefused() throws IOException {
    Path file =
        Files.writeString(
            commands.directory().resolve("policy.jsonl"),
            """
            {"procedure": {"name": "shell"}, "code": "import os\\n\\n\\ndef shell():\\n    os.system('ls')\\n"}
            {"procedure": {"name": "sound"}, "code": "def sound() -> int:\\n    return 1\\n"}
            """);

    assertThat(commands.run("import", file.toString(), "--project", "warned")).isZero();
    assertThat(commands.err())
        .contains(
            "policy.jsonl, line 1 (shell): its code breaks the policy, which only warns: line 5: ")
        .contains("[shell-command]");

    Path policy =
        Files.writeString(
            commands.directory().resolve("policy.json"),
            "{\"extends\": \"default\", \"on_save\": \"enforce\"}");
    commands.ask("policy", "--set", policy.toString(), "--project", "enforced");
    assertThat(commands.run("import", file.toString(), "--project", "enforced"))
        .isEqualTo(ExitCodes.FAILURE);
    assertThat(commands.out()).isEqualTo("1 new, 0 replaced, 0 unchanged, 1 refused\n");
    assertThat(commands.err()).contains("line 1 (shell): ").contains("[shell-command]");
  }

  /** A procedure whose code was generated, as a folder. */
  private static Path exported(String name, String... steps) {
    List<String> arguments =
        new ArrayList<>(List.of("remember", name, "--project", name, "--parameter", "text:string"));
    for (String step : steps) {
      arguments.addAll(List.of("--step", step));
    }
    commands.ask(arguments.toArray(String[]::new));
    commands.ask("generate", name, "--project", name, "--no-llm", "--save");
    Path skills = commands.directory().resolve("of-" + name);
    commands.ask("export", "--project", name, "--skills", skills.toString());
    return skills;
  }

  private static void edit(Path file, String old, String now) throws IOException {
    String text = Files.readString(file);
    assertThat(text).contains(old);
    Files.writeString(file, text.replace(old, now));
  }

  private static String importAgain(Path source, String project) {
    commands.run(
        "import", source.toString(), "--project", project, "--replace", "--generate", "--no-llm");
    return commands.out();
  }

  private static String run(String name) {
    return run(name, name);
  }

  private static String run(String name, String project) {
    return commands.ask("run", name, "--project", project, "-p", "text=ab", "--result");
  }

  private static double confidence(String name, String project) throws Exception {
    return ServedCommands.json(commands.ask("show", name, "--project", project, "--json"))
        .getFieldsOrThrow("confidence")
        .getNumberValue();
  }

  private static String string(Struct object, String name) {
    return object.getFieldsOrThrow(name).getStringValue();
  }
}
