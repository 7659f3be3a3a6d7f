package io.athena.procedures.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class FrontMatterTest {
  @Test
  void textsAreReadAsPeopleWriteThem() throws Exception {
    FrontMatter head =
        FrontMatter.read(
            """

            ---
            # What it is called.
            Name: greet  # for now
            description: Use this when: somebody comes
              in, and
              says "hi"
            category: "a \\"b\\" \\u00e9\\\\" # not this
            single: 'it''s # here'
            literal: |
              one
                two

              three
            folded: >
              one
              two

              three
            url: https://example.org/#top
            empty:
            license: MIT
            metadata:
              name: another
            ...
            body
            """);

    assertThat(head.text("name")).contains("greet");
    assertThat(head.text("description"))
        .contains("Use this when: somebody comes in, and says \"hi\"");
    assertThat(head.text("category")).contains("a \"b\" é\\");
    assertThat(head.text("single")).contains("it's # here");
    assertThat(head.text("literal")).contains("one\n  two\n\nthree");
    assertThat(head.text("folded")).contains("one two\nthree");
    assertThat(head.text("url")).contains("https://example.org/#top");
    assertThat(head.text("empty")).contains("");
    assertThat(head.text("missing")).isEmpty();
    assertThat(head.body()).isEqualTo("body");
  }

  @Test
  void listsStandBelowTheirEntryOrBesideIt() throws Exception {
    FrontMatter head =
        FrontMatter.read(
            "---\r\na:\r\n  - one:string\r\n  - 'two'\r\nb:\n- three=[1, 2]\nc: [four, \"five\"]\nd: []\n---\n");

    assertThat(head.list("a")).contains(List.of("one:string", "two"));
    assertThat(head.list("b")).contains(List.of("three=[1, 2]"));
    assertThat(head.list("c")).contains(List.of("four", "five"));
    assertThat(head.list("d")).contains(List.of());
    assertThat(head.list("e")).isEmpty();
  }

  @Test
  void whatHasNoHeadIsAllBody() throws Exception {
    assertThat(FrontMatter.read("# Title\n---\nname: x\n---\n").entries()).isEmpty();
    assertThat(FrontMatter.read("").body()).isEmpty();
    assertThat(FrontMatter.read("---\n---").entries()).isEmpty();
    assertThat(FrontMatter.read("--- \n---\t\nbody").body()).isEqualTo("body");
  }

  @Test
  void aHeadWithoutEndOrWithAnEntryTwiceIsRefused() {
    assertThatThrownBy(() -> FrontMatter.read("\n---\nname: x\n"))
        .hasMessage("the head begins with '---' in line 2 but has no end");
    assertThatThrownBy(() -> FrontMatter.read("---\nname: x\nNAME: y\n---\n"))
        .hasMessage("the head has 'name' twice");
  }

  @Test
  void whatIsNoYamlIsTakenForTheTextThatItLooksLike() throws Exception {
    FrontMatter head =
        FrontMatter.read(
            """
            ---
            description: "Fast" and: loose
            category: [beta] things
            version: 1.10
            parameters:
              - a:any={"b": 1}
              - times: integer
              - "quoted:string"
            ---
            """);

    assertThat(head.text("description")).contains("\"Fast\" and: loose");
    assertThat(head.text("category")).contains("[beta] things");
    assertThat(head.text("version")).contains("1.10");
    assertThat(head.list("parameters"))
        .contains(List.of("a:any={\"b\": 1}", "times:integer", "quoted:string"));
    assertThat(head.notes())
        .satisfiesExactly(
            note ->
                assertThat(note)
                    .isEqualTo(
                        "line 2, in the head, is no YAML, and is taken for the plain text that stands there: description: \"Fast\" and: loose"),
            note -> assertThat(note).startsWith("line 3, "));
  }

  @Test
  void whatIsOpenedAndNeverClosedIsRefusedByItsLine() {
    for (String open : List.of("\"greet", "'greet", "[greet", "{greet: x")) {
      assertThatThrownBy(
              () -> FrontMatter.read("---\nname: %s\ndescription: \"x\" y\n---\n".formatted(open)))
          .hasMessageStartingWith(
              "the head cannot be read as YAML: line 2: what begins with " + open.charAt(0));
    }
  }

  @Test
  void whatIsWrittenIsReadAgain() throws Exception {
    for (String text :
        List.of("a: b", " x ", "- y", "yes", "two\nlines\n\n more", "\"'#", "{{a}}", "\u0007ü𝐱")) {
      FrontMatter head = FrontMatter.read(FrontMatter.write(Map.of("a", text, "b", List.of(text))));

      assertThat(head.text("a")).contains(text.strip());
      assertThat(head.list("b")).contains(List.of(text));
    }
  }

  @Test
  void whatIsNoTextIsRefusedByItsName() throws Exception {
    FrontMatter head = FrontMatter.read("---\nname:\n  first: x\nlist:\n  - [a]\n---\n");

    assertThatThrownBy(() -> head.text("name")).hasMessage("'name' in the head is no text");
    assertThatThrownBy(() -> head.list("list"))
        .hasMessage("'list' in the head: entry 1 of the list is no text");
  }
}
