package io.athena.procedures.cli;

import io.athena.procedures.client.AthenaClient;
import io.athena.procedures.client.AthenaException;
import io.athena.procedures.v1.ImportProceduresRequest;
import io.athena.procedures.v1.ImportProceduresResponse;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Stores a library of procedures. */
@Command(
    name = "import",
    description = {
      "Store procedures of JSON Lines files, an object {\"procedure\": …, \"code\": …} a line, and of",
      "folders with a SKILL.md, found below the directories given. What is stored just so already",
      "stays as it is, so an import can be repeated. A line or folder that cannot be read is told",
      "and left out. Beside a procedure.json, what SKILL.md says wins, and a note tells where they",
      "differ. Exit code: 0 if all were stored, 1 if not.",
    },
    footer = {
      "  ${ROOT-COMMAND-NAME} import library.jsonl --all-or-nothing",
      "  ${ROOT-COMMAND-NAME} import skills/ --replace --generate --no-llm",
      "  ${ROOT-COMMAND-NAME} --project old export | ${ROOT-COMMAND-NAME} --project new import -",
    })
final class ImportCommand extends ServiceCommand {
  @Parameters(
      arity = "1..*",
      paramLabel = "FILE|DIRECTORY",
      description = "What to read; \"-\" is standard input.")
  private List<Path> sources = new ArrayList<>();

  @Option(names = "--all-or-nothing", description = "Store nothing if one item is refused.")
  private boolean allOrNothing;

  @Option(names = "--replace", description = "Replace procedures of the same name that differ.")
  private boolean replace;

  @Option(
      names = "--generate",
      description = {
        "Then generate and save code for those that have none, and anew for those whose steps have",
        "changed since. Code that somebody wrote or edited is kept, and a line tells so.",
      })
  private boolean generate;

  @Option(names = "--no-llm", description = "Generate by rules, even if a model is configured.")
  private boolean noModel;

  @Override
  int run(AthenaClient client) throws IOException {
    for (Path source : sources) {
      requireReadable(source);
    }
    LibraryImport imported =
        new LibraryImport(
            client,
            terminal(),
            json(),
            ImportProceduresRequest.Options.newBuilder()
                .setProject(athena().project())
                .setAllOrNothing(allOrNothing)
                .setReplaceExisting(replace)
                .build());
    InterruptNotice notice =
        new InterruptNotice(
            client,
            terminal(),
            () -> imported.told() + "; repeat the import to go on: what is stored stays as it is");
    try (notice) {
      LibraryReader library = new LibraryReader(imported);
      for (Path source : sources) {
        if (source.toString().equals("-")) {
          library.readLines("standard input", terminal().in());
        } else {
          library.read(source);
        }
      }
      imported.finish();
      boolean complete = imported.isComplete();
      ImportProceduresResponse total = imported.total();
      if (generate) {
        LibraryGeneration generation = new LibraryGeneration(client, terminal(), json(), !noModel);
        generation.generate(imported.sent(), total.getProcedureIdsList());
        complete &= generation.isComplete();
        if (json()) {
          terminal().print(Json.of(generation.report(total)));
        }
      } else if (json()) {
        terminal().print(Json.of(total));
      }
      return complete ? ExitCodes.SUCCESS : ExitCodes.FAILURE;
    } catch (AthenaException e) {
      if (notice.isInterrupted()) {
        return ExitCodes.INTERRUPTED;
      }
      terminal().tell("the import broke off: " + imported.told());
      throw e;
    }
  }

  /** Before anything is stored. */
  private void requireReadable(Path source) {
    if (!source.toString().equals("-") && !Files.exists(source)) {
      throw usage("there is no file " + source);
    }
    if (!source.toString().equals("-") && !Files.isReadable(source)) {
      throw usage("no permission to read " + source);
    }
  }
}
