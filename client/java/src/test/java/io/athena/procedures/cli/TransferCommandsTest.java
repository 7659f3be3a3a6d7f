package io.athena.procedures.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Libraries of procedures by the command line: import and export. */
@Timeout(120)
final class TransferCommandsTest {
  @RegisterExtension static final ServedCommands commands = new ServedCommands();

  @Test
  void aLibraryIsExportedAndImportedAsLinesAndAsFolders() throws IOException {
    commands.ask(
        "remember",
        "moving",
        "--project",
        "old",
        "--parameter",
        "text:string",
        "--description",
        "Says \"hi\"",
        "--step",
        "Reverse the text");
    String lines = commands.ask("export", "--project", "old");
    Path file = Files.writeString(commands.directory().resolve("library.jsonl"), lines);

    assertThat(commands.ask("import", file.toString(), "--project", "lines"))
        .isEqualTo("1 new, 0 replaced, 0 unchanged, 0 refused\n");
    assertThat(commands.ask("import", file.toString(), "--project", "lines"))
        .isEqualTo("0 new, 0 replaced, 1 unchanged, 0 refused\n");

    Path skills = commands.directory().resolve("skills");
    commands.ask("export", "--project", "old", "--skills", skills.toString());
    assertThat(skills.resolve("moving/SKILL.md"))
        .content()
        .contains("name: moving")
        .contains("  - text:string")
        .contains("1. Reverse the text");
    assertThat(
            commands.ask(
                "import", skills.toString(), "--project", "folders", "--generate", "--no-llm"))
        .contains("1 new")
        .contains("1 generated, 0 with steps missing, 0 not generated");
    assertThat(commands.ask("run", "moving", "--project", "folders", "-p", "text=abc", "--result"))
        .isEqualTo("\"cba\"\n");
  }

  @Test
  void aSkillWrittenByHandIsReadFromItsMarkdown() throws IOException {
    Path folder = Files.createDirectories(commands.directory().resolve("by-hand/greet"));
    Files.writeString(
        folder.resolve("SKILL.md"),
        """
        ---
        name: greet
        description: Greets people
        parameters:
          - name:string
          - times:integer=1
        ---
        # Greeting

        - not a step

        ## Steps

        1. Return "Hello, {{name}}!"
        """);

    commands.ask("import", commands.directory().resolve("by-hand").toString(), "--project", "hand");

    assertThat(commands.ask("show", "greet", "--project", "hand"))
        .contains("times:integer=1")
        .contains("1. Return \"Hello, {{name}}!\"")
        .doesNotContain("not a step");
  }

  @Test
  void aLineThatCannotBeReadIsToldAndTheOthersAreStored() throws IOException {
    ByteArrayOutputStream lines = new ByteArrayOutputStream();
    lines.writeBytes(
        "\ufeff{\"procedure\": {\"name\": \"first\"}}\r\n".getBytes(StandardCharsets.UTF_8));
    lines.writeBytes("{\"procedure\": {\"name\": oops}}\n\n".getBytes(StandardCharsets.UTF_8));
    lines.writeBytes(new byte[] {'{', (byte) 0xff, '}', '\n'});
    lines.writeBytes("{\"code\": \"x = 1\"}\n".getBytes(StandardCharsets.UTF_8));
    lines.writeBytes("{\"procedure\": {\"name\": \"\"}}\n".getBytes(StandardCharsets.UTF_8));
    lines.writeBytes("{\"procedure\": {\"name\": \"last\"}}".getBytes(StandardCharsets.UTF_8));
    String file =
        Files.write(commands.directory().resolve("bad.jsonl"), lines.toByteArray()).toString();

    assertThat(commands.run("import", file, "--project", "bad", "--all-or-nothing"))
        .isEqualTo(ExitCodes.FAILURE);
    assertThat(commands.err())
        .contains("nothing is stored: 3 refused, and so the other 3 were held back");
    assertThat(commands.ask("list", "--project", "bad")).doesNotContain("first");

    assertThat(commands.run("import", file, "--project", "bad")).isEqualTo(ExitCodes.FAILURE);
    assertThat(commands.out()).isEqualTo("2 new, 0 replaced, 0 unchanged, 4 refused\n");
    assertThat(commands.err().lines())
        .anyMatch(
            line -> line.contains("refused " + file + ", line 2: column 24: expected a value"))
        .anyMatch(line -> line.contains(file + ", line 4: it is not UTF-8: byte 2"))
        .anyMatch(line -> line.contains(file + ", line 5: it has no \"procedure\""))
        .anyMatch(line -> line.contains(file + ", line 6: ") && line.contains("name"));
    assertThat(commands.ask("list", "--project", "bad")).contains("first", "last");
  }

  @Test
  void aFieldThatIsNotAsTheApiHasItIsNamedWithItsLine() throws IOException {
    Path file =
        Files.writeString(
            commands.directory().resolve("typed.jsonl"),
            """
            {"procedure": {"name": "typed_well", "parameters": [{"name": "a", "type": "PARAMETER_TYPE_STRING"}]}}
            {"procedure": {"name": "typed", "parameters": [{"name": "a", "type": "strng"}]}}
            """);

    assertThat(commands.run("import", file.toString(), "--project", "typed"))
        .isEqualTo(ExitCodes.FAILURE);

    assertThat(commands.err())
        .contains("line 2: procedure.parameters[0].type must be one of ")
        .contains("PARAMETER_TYPE_STRING")
        .contains("but is \"strng\"");
  }

  @Test
  void aFolderThatCannotBeReadIsToldAndTheOthersAreStored() throws IOException {
    Path skills = commands.directory().resolve("odd");
    skill(skills, "endless", "---\nname: endless\n\n1. Reverse the text\n");
    skill(skills, "typed", "---\nparameters:\n  - count:nonsense\n---\n1. Reverse the text\n");
    skill(
        skills,
        "folded",
        "\ufeff--- \r\nname: 'It''s folded'\r\ndescription: >-\r\n  Use when:\r\n  folded\r\n---\r\n1. Reverse the text\r\n");
    skill(skills, "headless", "1. Reverse the text\n");
    skill(skills, "open", "---\ndescription: x\nname: \"greet\n---\n1. Reverse the text\n");
    skill(skills, "loose", "---\nname: loose\ndescription: so: it is\n---\n1. Reverse it\n");

    assertThat(commands.run("import", skills.toString(), "--project", "odd"))
        .isEqualTo(ExitCodes.FAILURE);

    assertThat(commands.out()).isEqualTo("3 new, 0 replaced, 0 unchanged, 3 refused\n");
    assertThat(commands.err().lines())
        .anyMatch(line ->
            line.contains("open/SKILL.md: the head cannot be read as YAML: line 3: ")
                && line.startsWith("refused "))
        .anyMatch(line ->
            line.startsWith("note ")
                && line.contains("loose: SKILL.md: line 3, in the head, is no YAML"))
        .anyMatch(line -> line.contains("headless: SKILL.md: it has no head between lines of"))
        .anyMatch(line -> line.contains("that of its folder is taken, 'headless'"));
    assertThat(commands.err()).contains("'---' in line 1 but has no end").contains("nonsense");
    assertThat(commands.ask("show", "It's folded", "--project", "odd"))
        .contains("Use when: folded")
        .contains("1. Reverse the text");
    assertThat(commands.ask("show", "headless", "--project", "odd"))
        .contains("1. Reverse the text");
  }

  @Test
  void anExportThatIsImportedIsTheSameExportAgain() throws IOException {
    commands.remember(
        "with_code",
        "def with_code(a):\n    return a\n",
        "--project",
        "round",
        "--parameter",
        "a:any=[1, 2.5, {\"b\": null}]",
        "--description",
        "Zeilen:\n\t\"ä\" 𝐱",
        "--example",
        "{\"a\": 7} => 7");
    commands.ask("remember", "Ünicode", "--project", "round", "--step", "Reverse the text");
    commands.ask("remember", "unicode", "--project", "round");
    commands.ask("remember", "ünicode", "--project", "round");
    String exported = commands.ask("export", "--project", "round");
    assertThat(exported.lines()).hasSize(4);

    commands.askWithInput(exported, "import", "-", "--project", "round-lines", "--all-or-nothing");
    assertThat(commands.ask("export", "--project", "round-lines")).isEqualTo(exported);

    Path skills = commands.directory().resolve("round");
    commands.ask("export", "--project", "round", "--skills", skills.toString());
    assertThat(commands.ask("import", skills.toString(), "--project", "round-skills"))
        .isEqualTo("4 new, 0 replaced, 0 unchanged, 0 refused\n");
    assertThat(commands.ask("export", "--project", "round-skills").lines())
        .containsExactlyInAnyOrderElementsOf(exported.lines().toList());
    commands.ask("export", "--project", "round-skills", "--skills", skills.toString());
    try (Stream<Path> folders = Files.list(skills)) {
      assertThat(folders).hasSize(4);
    }
  }

  @Test
  void anEditedSkillIsImportedAsItWasEdited() throws IOException {
    commands.ask("remember", "edited", "--project", "before", "--step", "Reverse the text");
    Path skills = commands.directory().resolve("edited");
    commands.ask("export", "--project", "before", "--skills", skills.toString());
    Path skill = skills.resolve("edited/SKILL.md");
    Files.writeString(skill, Files.readString(skill).replace("Reverse the text", "Sort the lines"));

    assertThat(commands.run("import", skills.toString(), "--project", "after"))
        .isEqualTo(ExitCodes.SUCCESS);

    assertThat(commands.err()).contains("SKILL.md has other steps than procedure.json");
    assertThat(commands.ask("show", "edited", "--project", "after")).contains("Sort the lines");
  }

  @Test
  void whatIsPlainlyNoLibraryIsToldInOneLine() throws IOException {
    byte[] bytes = new byte[100_000];
    new java.util.Random(1).nextBytes(bytes);
    bytes[0] = 1;
    for (String[] odd :
        new String[][] {
          {
            new String(bytes, StandardCharsets.ISO_8859_1),
            "none of its first 20 lines is a procedure"
          },
          {"[\n{}\n]", "jq -c '.[]'"},
          {"{\n\"procedure\": {}}", "jq -c ."},
          {"\u00ff\u00fea\u0000", "is UTF-16"},
          {"{\"name\": \"x\"}", "it has no \"procedure\"; a line is"},
        }) {
      Path file = commands.directory().resolve("odd.jsonl");
      Files.write(file, odd[0].getBytes(StandardCharsets.ISO_8859_1));

      assertThat(commands.run("import", file.toString(), "--project", "odd-lines"))
          .isEqualTo(ExitCodes.FAILURE);
      assertThat(commands.err()).contains(odd[1]);
      assertThat(commands.err().lines()).hasSize(1);
    }
  }

  @Test
  void manyErrorsAreCutForPeopleAndMoreThanACallHoldsAreStored() throws IOException {
    StringBuilder lines = new StringBuilder("{\"procedure\": {\"name\": \"first\"}}\n");
    lines.append("{\"procedure\": {\"name\": \"\"}}\n".repeat(50));
    for (int i = 0; i < 250; i++) {
      lines.append("{\"procedure\": {\"name\": \"many%d\"}}\n".formatted(i));
    }
    Path file = Files.writeString(commands.directory().resolve("many.jsonl"), lines);

    assertThat(commands.run("import", file.toString(), "--project", "many"))
        .isEqualTo(ExitCodes.FAILURE);

    assertThat(commands.out()).isEqualTo("251 new, 0 replaced, 0 unchanged, 50 refused\n");
    assertThat(commands.err()).contains("and 30 more refused; --json lists all");
    assertThat(commands.err().lines().filter(line -> line.startsWith("refused"))).hasSize(20);
  }

  @Test
  void linksThatLeadOutAndFoldersWithoutASkillAreTold() throws IOException {
    Path skills = Files.createDirectories(commands.directory().resolve("links"));
    assertThat(commands.run("import", skills.toString())).isEqualTo(ExitCodes.FAILURE);
    assertThat(commands.err()).contains("there is no folder with a SKILL.md in it");
    skill(skills, "leads-out", "1. Reverse the text\n");
    Path outside = Files.writeString(commands.directory().resolve("outside.py"), "x = 1\n");
    Files.createSymbolicLink(skills.resolve("leads-out/main.py"), outside);
    Files.writeString(
        Files.createDirectories(skills.resolve("half")).resolve("procedure.json"), "{}");

    assertThat(commands.run("import", skills.toString(), "--project", "links"))
        .isEqualTo(ExitCodes.FAILURE);

    assertThat(commands.err())
        .contains("main.py is a link that leads out of")
        .contains("it has a procedure.json but no SKILL.md");
  }

  private static void skill(Path skills, String name, String text) throws IOException {
    Files.writeString(Files.createDirectories(skills.resolve(name)).resolve("SKILL.md"), text);
  }
}
