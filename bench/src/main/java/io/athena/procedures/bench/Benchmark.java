package io.athena.procedures.bench;

import io.athena.procedures.client.AthenaClient;
import io.athena.procedures.sandbox.WorkerConfig;
import io.athena.procedures.v1.Procedure;
import io.athena.procedures.v1.SaveProcedureCodeRequest;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Measures what a run costs, side by side with its baselines.
 *
 * <p>Cases take turns in rounds, so that a machine's noisy minute falls on all of them alike.
 */
@Command(
    name = "athena bench",
    subcommands = {VersionsBenchmark.class, MirrorBenchmark.class, ValidationBenchmark.class},
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Measures what running a procedure costs, beside the same program without the service.",
      "Starts a server of its own with an empty database; takes about three minutes."
    })
public final class Benchmark implements Callable<Integer> {
  /** The case that all others are compared with. */
  private static final String BASELINE = "python3 -I -S -c pass, no isolation";

  private static final int PROCESS_RUNS = 40;
  private static final int RUNTIME_RUNS = 10;
  private static final int SERVICE_RUNS = 200;

  /** A service runs for days: its compilers have had their time when it is measured. */
  private static final int SERVICE_WARM_UP = 3000;

  private static final int CONTAINER_RUNS = 100;

  @Option(
      names = "--rounds",
      defaultValue = "5",
      description = "How often each case has its turn (default: 5).")
  private int rounds;

  @Option(names = "--json", description = "Print one JSON object a line.")
  private boolean json;

  @Option(
      names = "--python",
      defaultValue = "/usr/bin/python3",
      description = "The interpreter of the baselines (default: /usr/bin/python3).")
  private Path python = Path.of("/usr/bin/python3");

  private final PrintStream out = System.out;
  private final PrintStream progress = System.err;

  /**
   * Runs the benchmark; the launcher tells where it lies itself by the environment variable
   * ATHENA_HOME.
   */
  public static void main(String[] arguments) {
    // The server's libraries bring a configuration of their own.
    System.setProperty("logback.configurationFile", "bench-logback.xml");
    System.exit(new CommandLine(new Benchmark()).execute(arguments));
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    if (rounds < 1) {
      progress.println("athena bench: --rounds must be at least 1");
      return CommandLine.ExitCode.USAGE;
    }
    try (Workplace workplace = Workplace.create()) {
      progress.println("starting a server …");
      try (ServerProcess server = ServerProcess.start(launcher(), workplace.dataDirectory());
          AthenaClient client = AthenaClient.builder().address(server.address()).build()) {
        Report report =
            new Report(
                Machine.here(python),
                BASELINE,
                new Rounds(rounds, progress).measure(cases(workplace, client)));
        out.print(json ? report.forPrograms() : report.forPeople());
      }
    }
    return CommandLine.ExitCode.OK;
  }

  private List<Rounds.Turn> cases(Workplace workplace, AthenaClient client) throws IOException {
    Path spawn = workplace.script("spawn.py");
    List<String> pass = List.of(python.toString(), "-I", "-S", "-c", "pass");
    WorkerConfig worker = WorkerConfig.defaults().withPython(python);
    long procedureId = savePass(client);
    return List.of(
        Rounds.Turn.of(
            new ProcessCase(BASELINE, 1, python, spawn, pass), PROCESS_RUNS, PROCESS_RUNS),
        Rounds.Turn.of(
            new ProcessCase(BASELINE, 2, python, spawn, pass), PROCESS_RUNS, PROCESS_RUNS),
        Rounds.Turn.of(
            ContainerCase.containerForEach(worker, python, spawn), RUNTIME_RUNS, RUNTIME_RUNS),
        Rounds.Turn.of(
            ContainerCase.forkForEach(worker, workplace.script("fork.py")),
            CONTAINER_RUNS,
            CONTAINER_RUNS),
        Rounds.Turn.of(new EndToEndCase(1, client, procedureId), SERVICE_WARM_UP, SERVICE_RUNS),
        Rounds.Turn.of(new EndToEndCase(16, client, procedureId), SERVICE_WARM_UP, SERVICE_RUNS));
  }

  private static long savePass(AthenaClient client) {
    Procedure procedure =
        client.rememberProcedure(
            Procedure.newBuilder().setName("pass").setCategory("benchmark").build());
    client.saveProcedureCode(
        SaveProcedureCodeRequest.newBuilder()
            .setProcedureId(procedure.getProcedureId())
            .setCode("pass\n")
            .build());
    return procedure.getProcedureId();
  }

  static Path launcher() throws IOException {
    String launcher = System.getProperty("athena.launcher");
    if (launcher == null) {
      throw new IOException("start the benchmark by './athena bench', which tells where it lies");
    }
    return Path.of(launcher);
  }
}
