package io.athena.procedures.cli;

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
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Stores a library of procedures. */
@Command(
    name = "import",
    description = {
      "Store procedures of JSON Lines files, an object {\"procedure\": …, \"code\": …} a line, and of",
      "folders with a SKILL.md, found below the directories given. What is stored just so already",
      "stays as it is, so an import can be repeated. Exit code: 0 if all were stored, 1 if not.",
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
    List<ImportProceduresRequest> items = new ArrayList<>();
    for (Path source : sources) {
      read(source, items);
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
    messages.addAll(items);
    ImportProceduresResponse response = client.importProcedures(progress(messages));
    if (json()) {
      terminal().print(Json.of(response));
    } else {
      show(response);
    }
    boolean complete = response.getErrorsCount() == 0;
    if (generate) {
      complete &= generateAll(client, items, response.getProcedureIdsList());
    }
    return complete ? ExitCodes.SUCCESS : ExitCodes.FAILURE;
  }

  private void show(ImportProceduresResponse response) throws IOException {
    for (ItemError error : response.getErrorsList()) {
      terminal()
          .tell(
              terminal().styledForErr(Style.BAD, "refused")
                  + " item "
                  + (error.getIndex() + 1)
                  + " ("
                  + Text.oneLine(error.getName())
                  + "): "
                  + Text.oneLine(error.getMessage()));
    }
    terminal()
        .print(
            "%d new, %d replaced, %d unchanged, %d refused"
                .formatted(
                    response.getImportedCount(),
                    response.getReplacedCount(),
                    response.getUnchangedCount(),
                    response.getErrorsCount()));
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

  private void read(Path source, List<ImportProceduresRequest> items) throws IOException {
    if (!source.toString().equals("-") && Files.isDirectory(source)) {
      try (Stream<Path> found = Files.walk(source)) {
        for (Path skill : found.filter(path -> path.endsWith(SkillFolder.FILE)).sorted().toList()) {
          Path folder = skill.getParent();
          items.add(SkillFolder.read(folder == null ? Path.of(".") : folder));
        }
      }
      return;
    }
    int number = 0;
    for (String line : read(source).lines().toList()) {
      number++;
      if (!line.isBlank()) {
        try {
          ImportProceduresRequest item =
              Json.merge(line, ImportProceduresRequest.newBuilder()).build();
          items.add(
              item.toBuilder().setProcedure(SkillFolder.definition(item.getProcedure())).build());
        } catch (BadJsonException e) {
          throw usage("%s, line %d: %s".formatted(source, number, Errors.told(e)), e);
        }
      }
    }
  }

  /** True if there is code for all. */
  private boolean generateAll(
      AthenaClient client, List<ImportProceduresRequest> items, List<Long> ids) throws IOException {
    int made = 0;
    int partly = 0;
    int failed = 0;
    for (int i = 0; i < ids.size(); i++) {
      if (ids.get(i) == 0 || !items.get(i).getCode().isEmpty()) {
        continue;
      }
      String name = Text.oneLine(items.get(i).getProcedure().getName());
      try {
        Done done = generate(client, ids.get(i));
        boolean whole = done.getEvidence().getStepCoverage() == 1.0;
        made += done.getSuccess() && whole ? 1 : 0;
        partly += done.getSuccess() && !whole ? 1 : 0;
        failed += done.getSuccess() ? 0 : 1;
        terminal()
            .tell(
                "%s: confidence %s (%s)"
                    .formatted(name, Text.percent(done.getConfidence()), done.getBasis()));
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
