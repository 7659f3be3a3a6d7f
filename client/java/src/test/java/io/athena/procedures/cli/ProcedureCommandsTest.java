package io.athena.procedures.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Struct;
import io.athena.procedures.system.Repository;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Procedures and their code by the command line, against a real server with real containers. */
@Timeout(60)
final class ProcedureCommandsTest {
  @RegisterExtension static final ServedCommands commands = new ServedCommands();

  @Test
  void aProcedureIsRememberedShownChangedAndForgotten() throws Exception {
    String id =
        commands.ask("remember", "life", "--step", "Be born", "--category", "living").strip();
    assertThat(id).matches("\\d+");
    assertThat(commands.ask("list", "--category", "living")).contains("NAME").contains("life");
    assertThat(commands.ask("show", "life")).contains("procedure " + id).contains("1. Be born");
    assertThat(commands.ask("update", id, "--description", "From one end to the other"))
        .contains("Changed description");
    assertThat(
            ServedCommands.json(commands.ask("show", id, "--json"))
                .getFieldsOrThrow("description")
                .getStringValue())
        .isEqualTo("From one end to the other");
    assertThat(commands.ask("forget", "life")).isEqualTo("Forgot procedure " + id + " (life).\n");
    assertThat(commands.run("show", "life")).isEqualTo(ExitCodes.SERVICE);
    assertThat(commands.err()).contains("life");
  }

  @Test
  void codeIsSavedAsVersionsAndEqualCodeIsNot() throws Exception {
    commands.ask("remember", "versions");
    Path code = Files.writeString(commands.directory().resolve("v.py"), "print(1)\n");
    assertThat(commands.ask("save", "versions", code.toString())).isEqualTo("Saved v1.\n");
    assertThat(commands.ask("save", "versions", code.toString())).startsWith("Unchanged: v1");
    assertThat(commands.askWithInput("print(2)\n", "save", "versions", "-"))
        .isEqualTo("Saved v2.\n");
    assertThat(commands.ask("run", "versions", "-q")).isEqualTo("2\n");
    assertThat(commands.ask("run", "versions", "--at", "v1", "-q")).isEqualTo("1\n");
    assertThat(commands.ask("show", "versions", "--code")).isEqualTo("print(2)\n");
  }

  @Test
  void proceduresAreFoundByWordsAndByConfidence() throws Exception {
    commands.remember("compress_pictures", "pass\n", "--description", "Makes pictures smaller");
    assertThat(commands.ask("recall", "smaller", "pictures")).contains("compress_pictures");
    assertThat(commands.ask("recall", "compres", "picturs")).contains("compress_pictures");
    commands.ask("run", "compress_pictures", "-q");
    assertThat(commands.ask("search", "--min-confidence", "0.1")).contains("compress_pictures");
    assertThat(commands.run("search", "--min-confidence", "1.5")).isEqualTo(ExitCodes.SERVICE);
    assertThat(commands.err()).contains("min_confidence");
  }

  @Test
  void whatIsUnknownIsNamedInWordsAndInJson() throws Exception {
    assertThat(commands.run("show", "999999")).isEqualTo(ExitCodes.SERVICE);
    assertThat(commands.err()).startsWith("error: ").contains("999999");
    CapturedTerminal asJson = CapturedTerminal.plain();
    assertThat(
            Main.execute(
                asJson.terminal(), "show", "999999", "--json", "--server", commands.address()))
        .isEqualTo(ExitCodes.SERVICE);
    Struct error = ServedCommands.json(asJson.err()).getFieldsOrThrow("error").getStructValue();
    assertThat(error.getFieldsOrThrow("code").getStringValue()).isEqualTo("NOT_FOUND");
    assertThat(error.getFieldsOrThrow("reason").getStringValue()).isNotEmpty();
  }

  @Test
  void quickstartTakesFiveProceduresThroughTheirLifeAsOftenAsWanted() throws Exception {
    System.setProperty("athena.launcher", Repository.root().resolve("athena").toString());
    assertThat(commands.run("quickstart")).as(commands.err()).isEqualTo(ExitCodes.SUCCESS);
    assertThat(commands.out())
        .contains("Using the service at " + commands.address())
        .contains("1/5  word_statistics", "5/5  run_unit_tests")
        .contains("remembered as procedure")
        .contains("     | sales.csv: 480 rows, 7 columns")
        .contains("What to try next");
    assertThat(commands.err()).contains("TestsFailed: 1 of 6 tests failed");
    assertThat(commands.ask("quickstart"))
        .contains("known as procedure")
        .contains("unchanged since v1");
    assertThat(commands.ask("stats", "csv_summary")).containsPattern("all +2 +100 %");
    assertThat(commands.ask("stats", "run_unit_tests")).containsPattern("all +2 +0 %");
  }
}
