package io.athena.procedures.cli;

import io.athena.procedures.client.AthenaClient;
import io.athena.procedures.client.AthenaException;
import io.athena.procedures.client.ResponseStream;
import io.athena.procedures.v1.GenerateProcedureCodeRequest;
import io.athena.procedures.v1.GenerateProcedureCodeResponse;
import io.athena.procedures.v1.GenerateProcedureCodeResponse.Done;
import io.athena.procedures.v1.GetProcedureRequest;
import io.athena.procedures.v1.ImportProceduresRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
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

  @Option(names = "--generate", description = "Then generate and save code for those without.")
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
      if (generate) {
        complete &= generateAll(client, imported.sent(), imported.ids());
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

  /** True if there is code for all. */
  private boolean generateAll(AthenaClient client, List<LibraryReader.Item> items, List<Long> ids)
      throws IOException {
    int made = 0;
    int partly = 0;
    int failed = 0;
    int skipped = 0;
    Set<String> tools = new TreeSet<>();
    for (int i = 0; i < ids.size(); i++) {
      if (ids.get(i) == 0 || hasCode(client, items.get(i), ids.get(i))) {
        continue;
      }
      String name = Text.oneLine(items.get(i).request().getProcedure().getName());
      try {
        Done done = generate(client, ids.get(i));
        boolean whole = done.getEvidence().getStepCoverage() == 1.0;
        made += done.getSuccess() && whole ? 1 : 0;
        partly += done.getSuccess() && !whole ? 1 : 0;
        failed += done.getSuccess() ? 0 : 1;
        skipped += done.getEvidence().getExamplesSkipped();
        tools.addAll(done.getToolsList());
        terminal()
            .tell(
                "%s: confidence %s (%s)%s"
                    .formatted(
                        name,
                        Text.percent(done.getConfidence()),
                        Text.oneLine(done.getBasis()),
                        done.getError().isEmpty() ? "" : "; " + Text.oneLine(done.getError())));
      } catch (AthenaException e) {
        failed++;
        terminal().tell(name + ": " + Text.oneLine(Errors.told(e)));
      }
    }
    String report = "%d generated, %d with steps missing, %d not".formatted(made, partly, failed);
    if (skipped > 0) {
      report +=
          "\n%d examples were not run: their code calls tools (%s), which only the caller of a run serves; try it with '%s run NAME --tool %s=COMMAND'"
              .formatted(
                  skipped,
                  Text.oneLine(String.join(", ", tools)),
                  Launcher.name(),
                  Text.oneLine(tools.stream().findFirst().orElse("NAME")));
    }
    if (json()) {
      terminal().tell(report);
    } else {
      terminal().print(report);
    }
    return partly + failed == 0;
  }

  /** Of its own, or, where an earlier import was broken off, from then. */
  private static boolean hasCode(AthenaClient client, LibraryReader.Item item, long id) {
    return !item.request().getCode().isEmpty()
        || client
                .getProcedure(GetProcedureRequest.newBuilder().setProcedureId(id).build())
                .getProcedure()
                .getCurrentVersion()
            > 0;
  }

  private Done generate(AthenaClient client, long id) {
    Done done = Done.getDefaultInstance();
    try (ResponseStream<GenerateProcedureCodeResponse> events =
        client.generateProcedureCode(
            GenerateProcedureCodeRequest.newBuilder()
                .setProcedureId(id)
                .setUseLlm(!noModel)
                .setAllowFallback(true)
                .setRefineOnLowConfidence(true)
                .setSave(true)
                .build())) {
      while (events.hasNext()) {
        GenerateProcedureCodeResponse event = events.next();
        done = event.hasDone() ? event.getDone() : done;
      }
    }
    return done;
  }
}
