package io.athena.procedures.cli;

import com.google.protobuf.FieldMask;
import io.athena.procedures.client.AthenaClient;
import io.athena.procedures.client.AthenaException;
import io.athena.procedures.client.ExecutionStream;
import io.athena.procedures.v1.ExecuteProcedureRequest;
import io.athena.procedures.v1.ExecutionStats;
import io.athena.procedures.v1.GetProcedureRequest;
import io.athena.procedures.v1.GetProcedureStatsRequest;
import io.athena.procedures.v1.GetProcedureStatsResponse;
import io.athena.procedures.v1.ListProceduresRequest;
import io.athena.procedures.v1.Procedure;
import io.athena.procedures.v1.SaveProcedureCodeRequest;
import io.athena.procedures.v1.SaveProcedureCodeResponse;
import io.athena.procedures.v1.UpdateProcedureRequest;
import io.grpc.Status;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;

/** Takes the example procedures through their life. */
@Command(
    name = "quickstart",
    description = {
      "Take five example procedures through their life: remember, save code, run, statistics.",
      "Uses the service that runs, or starts one for the time being. Can be repeated.",
    },
    footer = "  ${ROOT-COMMAND-NAME} quickstart")
final class QuickstartCommand extends AthenaCommand {
  private static final List<String> DEFINITION_FIELDS =
      List.of("category", "description", "steps", "parameters", "trigger_pattern");

  @Override
  public Integer call() throws IOException {
    String launcher = System.getProperty("athena.launcher");
    Path repository = launcher == null ? null : Path.of(launcher).getParent();
    if (repository == null) {
      throw usage("start it by the repository's launcher: ./athena quickstart");
    }
    List<Example> examples = Example.all(repository);
    try (LocalServer server = startUnlessOneRuns(launcher);
        AthenaClient client =
            athena().connect(server == null ? athena().server() : server.address())) {
      List<Procedure> procedures = new ArrayList<>();
      int unexpected = 0;
      for (Example example : examples) {
        heading(procedures.size() + 1, examples.size(), example);
        procedures.add(remember(client, example));
        unexpected += run(client, example, procedures.getLast());
      }
      statistics(client, procedures);
      whatNext(server != null, procedures);
      return unexpected == 0 ? ExitCodes.SUCCESS : ExitCodes.FAILURE;
    }
  }

  private @Nullable LocalServer startUnlessOneRuns(String launcher) throws IOException {
    try (AthenaClient client = athena().connect()) {
      client.listProcedures(ListProceduresRequest.newBuilder().setPageSize(1).build());
      terminal().print("Using the service at " + athena().server() + ".");
      return null;
    } catch (AthenaException e) {
      if (e.code() != Status.Code.UNAVAILABLE || athena().serverIsNamed()) {
        throw e;
      }
    }
    terminal()
        .print("No service runs at " + athena().server() + "; starting one for the time being.");
    return LocalServer.start(launcher);
  }

  private void heading(int number, int count, Example example) throws IOException {
    terminal().print("");
    terminal()
        .print(
            terminal()
                    .styled(
                        Style.BOLD, number + "/" + count + "  " + example.definition().getName())
                + "  "
                + example.definition().getDescription());
  }

  /** Stores the example, or brings the stored one up to date. */
  private Procedure remember(AthenaClient client, Example example) throws IOException {
    Procedure stored = find(client, example.definition().getName());
    String done = "remembered as";
    if (stored == null) {
      stored =
          client.rememberProcedure(
              example.definition().toBuilder().setProject(athena().project()).build());
    } else {
      done = "known as";
      stored =
          client
              .updateProcedure(
                  UpdateProcedureRequest.newBuilder()
                      .setProcedure(
                          example.definition().toBuilder().setProcedureId(stored.getProcedureId()))
                      .setUpdateMask(FieldMask.newBuilder().addAllPaths(DEFINITION_FIELDS))
                      .build())
              .getProcedure();
    }
    SaveProcedureCodeResponse saved =
        client.saveProcedureCode(
            SaveProcedureCodeRequest.newBuilder()
                .setProcedureId(stored.getProcedureId())
                .setCode(example.code())
                .setMessage("Quickstart")
                .build());
    terminal()
        .print(
            "     "
                + done
                + " procedure "
                + stored.getProcedureId()
                + ", code "
                + (saved.getCreated() ? "saved as " : "unchanged since ")
                + Text.version(saved.getVersion().getVersion()));
    return stored;
  }

  private @Nullable Procedure find(AthenaClient client, String name) {
    try {
      return client
          .getProcedure(
              GetProcedureRequest.newBuilder().setName(name).setProject(athena().project()).build())
          .getProcedure();
    } catch (AthenaException e) {
      if (e.code() == Status.Code.NOT_FOUND) {
        return null;
      }
      throw e;
    }
  }

  /** Runs the example, and gives 1 if it did not end as it should. */
  private int run(AthenaClient client, Example example, Procedure procedure) throws IOException {
    terminal().print(terminal().styled(Style.DIM, "     $ " + example.call()));
    ExecuteProcedureRequest request =
        ExecuteProcedureRequest.newBuilder()
            .setProcedureId(procedure.getProcedureId())
            .setParameters(example.parameters())
            .addAllInputFiles(example.files())
            .build();
    EventPrinter printer =
        new EventPrinter(terminal().indented("     | "), EventPrinter.Form.BRIEF);
    try (RunGuard guard = new RunGuard(client);
        ExecutionStream events = client.executeProcedure(request)) {
      int exitCode = printer.printAll(events, guard);
      if (example.fails()) {
        terminal()
            .print(
                "     A failure is a result like any other: the procedure did its work and found a test that fails.");
      }
      return exitCode == (example.fails() ? ExitCodes.FAILURE : ExitCodes.SUCCESS) ? 0 : 1;
    }
  }

  private void statistics(AthenaClient client, List<Procedure> procedures) throws IOException {
    terminal().print("");
    Table table =
        new Table(">ID", "NAME", "CODE", ">RUNS", ">SUCCESS", ">MEAN", ">P95", ">CONFIDENCE");
    for (Procedure procedure : procedures) {
      GetProcedureStatsResponse response =
          client.getProcedureStats(
              GetProcedureStatsRequest.newBuilder()
                  .setProcedureId(procedure.getProcedureId())
                  .build());
      ExecutionStats total = response.getTotal();
      table.row(
          Long.toString(procedure.getProcedureId()),
          response.getName(),
          Text.version(client.getProcedure(procedure.getProcedureId()).getCurrentVersion()),
          Long.toString(total.getUsageCount()),
          Text.percent(total.getSuccessRate()),
          Text.millis(total.getAvgCompletionTimeMs()),
          Text.millis(total.getP95CompletionTimeMs()),
          Text.percent(response.getCodeConfidence()));
    }
    table.print(terminal());
  }

  private void whatNext(boolean startedHere, List<Procedure> procedures) throws IOException {
    terminal().print("");
    terminal().print(terminal().styled(Style.BOLD, "What to try next"));
    String name = procedures.getFirst().getName();
    if (startedHere) {
      suggest("serve", "start the service; leave it running");
    }
    suggest("run " + name + " --file README.md -p path=README.md", "");
    suggest("show " + name, "its definition; --code for its code");
    suggest("recall tests that fail", "find procedures by words");
    suggest("executions", "what ran, when, and how it ended");
    suggest("remember greet --parameter name:string=world --code greet.py", "");
  }

  private void suggest(String command, String purpose) throws IOException {
    String line = "  %-44s %s".formatted(Launcher.name() + " " + command, purpose);
    terminal().print(line.stripTrailing());
  }
}
