package io.athena.procedures.cli;

import io.athena.procedures.cli.LibraryReader.Unreadable;
import io.athena.procedures.client.AthenaClient;
import io.athena.procedures.client.AthenaException;
import io.athena.procedures.client.ResponseStream;
import io.athena.procedures.v1.GenerateProcedureCodeRequest;
import io.athena.procedures.v1.GenerateProcedureCodeResponse;
import io.athena.procedures.v1.GenerateProcedureCodeResponse.Done;
import io.athena.procedures.v1.ImportProceduresRequest;
import io.athena.procedures.v1.ImportProceduresResponse;
import io.athena.procedures.v1.ImportProceduresResponse.ItemError;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.FileSystemException;
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
      "and left out. Exit code: 0 if all were stored, 1 if not.",
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
    LibraryReader library = new LibraryReader();
    for (Path source : sources) {
      read(source, library);
    }
    List<LibraryReader.Item> items = library.items();
    for (Unreadable one : library.unreadable()) {
      tell(refused(one.where() + ": " + Text.oneLine(one.why())));
    }
    if (allOrNothing && !library.unreadable().isEmpty()) {
      terminal()
          .tell("nothing is stored: %d cannot be read".formatted(library.unreadable().size()));
      return ExitCodes.FAILURE;
    }
    List<ImportProceduresRequest> messages = new ArrayList<>();
    messages.add(
        ImportProceduresRequest.newBuilder()
            .setOptions(
                ImportProceduresRequest.Options.newBuilder()
                    .setProject(athena().project())
                    .setAllOrNothing(allOrNothing)
                    .setReplaceExisting(replace))
            .build());
    items.forEach(item -> messages.add(item.request()));
    ImportProceduresResponse response = client.importProcedures(progress(messages));
    if (json()) {
      terminal().print(Json.of(response));
    } else {
      show(response, library);
    }
    boolean complete = response.getErrorsCount() + library.unreadable().size() == 0;
    if (generate) {
      complete &= generateAll(client, items, response.getProcedureIdsList());
    }
    return complete ? ExitCodes.SUCCESS : ExitCodes.FAILURE;
  }

  private String refused(String what) {
    return terminal().styledForErr(Style.BAD, "refused") + " " + what;
  }

  private void show(ImportProceduresResponse response, LibraryReader library) throws IOException {
    for (ItemError error : response.getErrorsList()) {
      tell(
          refused(
              "%s (%s): %s"
                  .formatted(
                      library.items().get(error.getIndex()).where(),
                      Text.oneLine(error.getName()),
                      Text.oneLine(error.getMessage()))));
    }
    terminal()
        .print(
            "%d new, %d replaced, %d unchanged, %d refused"
                .formatted(
                    response.getImportedCount(),
                    response.getReplacedCount(),
                    response.getUnchangedCount(),
                    response.getErrorsCount() + library.unreadable().size()));
  }

  /** Tells now and then how much of it was sent. */
  private Iterable<ImportProceduresRequest> progress(List<ImportProceduresRequest> messages) {
    return () -> {
      int[] sent = {0};
      return messages.stream()
          .peek(message -> {
            if (sent[0]++ % 100 == 0 && sent[0] > 1) {
              tell("sent %d of %d".formatted(sent[0] - 1, messages.size() - 1));
            }
          })
          .iterator();
    };
  }

  private void tell(String line) {
    try {
      terminal().tell(line);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void read(Path source, LibraryReader library) {
    try {
      if (source.toString().equals("-")) {
        library.readLines("standard input", terminal().in());
      } else if (Files.isDirectory(source)) {
        library.readFolders(source);
      } else {
        try (InputStream lines = Files.newInputStream(source)) {
          library.readLines(source.toString(), lines);
        }
      }
    } catch (FileSystemException e) {
      throw usage(Errors.told(e), e);
    } catch (IOException | UncheckedIOException e) {
      throw usage(source + ": " + Errors.told(e), e);
    }
  }

  /** True if there is code for all. */
  private boolean generateAll(AthenaClient client, List<LibraryReader.Item> items, List<Long> ids)
      throws IOException {
    int made = 0;
    int partly = 0;
    int failed = 0;
    for (int i = 0; i < ids.size(); i++) {
      if (ids.get(i) == 0 || !items.get(i).request().getCode().isEmpty()) {
        continue;
      }
      String name = Text.oneLine(items.get(i).request().getProcedure().getName());
      try {
        Done done = generate(client, ids.get(i));
        boolean whole = done.getEvidence().getStepCoverage() == 1.0;
        made += done.getSuccess() && whole ? 1 : 0;
        partly += done.getSuccess() && !whole ? 1 : 0;
        failed += done.getSuccess() ? 0 : 1;
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
    terminal().print("%d generated, %d with steps missing, %d not".formatted(made, partly, failed));
    return partly + failed == 0;
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
