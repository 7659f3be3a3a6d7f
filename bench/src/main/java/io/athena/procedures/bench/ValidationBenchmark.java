package io.athena.procedures.bench;

import io.athena.procedures.client.AthenaClient;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Measures validation beside a parser and a linter that are started for each file. */
@Command(
    name = "validation",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Measures ValidateProcedureCode over gRPC, each call with a source of its own, beside processes",
      "that parse and walk such a file (python3 -c 'import ast; ...') and that run bandit on it, which is",
      "taken from the path or put into a temporary environment from PyPI. The 100 lines have 5 nodes of",
      "the tree each, as the standard library has; the dense ones 8. Takes about two minutes."
    })
final class ValidationBenchmark implements Callable<Integer> {
  private static final String BASELINE = "python3 -c 'import ast; ...' of 100 lines";
  private static final String PARSE =
      "import ast, sys; [node for node in ast.walk(ast.parse(open(sys.argv[1]).read()))]";
  private static final int PROCESS_RUNS = 40;
  private static final int BANDIT_RUNS = 8;
  private static final int SERVICE_RUNS = 300;

  /** A service runs for days: its compilers have had their time when it is measured. */
  private static final int SERVICE_WARM_UP = 5000;

  private static final int LARGE_RUNS = 3;
  private static final int LARGE_WARM_UP = 10;
  private static final int LARGEST_BYTES = 1 << 20;

  @Option(
      names = "--rounds",
      defaultValue = "5",
      description = "How often each has its turn (default: 5).")
  private int rounds;

  @Option(names = "--json", description = "Print one JSON object a line.")
  private boolean json;

  @Option(
      names = "--python",
      defaultValue = "/usr/bin/python3",
      description = "The interpreter of the processes (default: /usr/bin/python3).")
  private Path python = Path.of("/usr/bin/python3");

  private final PrintStream out = System.out;
  private final PrintStream progress = System.err;

  @Override
  public Integer call() throws IOException, InterruptedException {
    if (rounds < 1) {
      progress.println("athena bench validation: --rounds must be at least 1");
      return CommandLine.ExitCode.USAGE;
    }
    try (Workplace workplace = Workplace.create()) {
      progress.println("starting a server …");
      try (ServerProcess server =
              ServerProcess.start(Benchmark.launcher(), workplace.dataDirectory());
          AthenaClient client = AthenaClient.builder().address(server.address()).build()) {
        Report report =
            new Report(
                Machine.here(python),
                BASELINE,
                new Rounds(rounds, progress).measure(turns(workplace, client)));
        out.print(json ? report.forPrograms() : report.forPeople());
      }
    }
    return CommandLine.ExitCode.OK;
  }

  private List<Rounds.Turn> turns(Workplace workplace, AthenaClient client)
      throws IOException, InterruptedException {
    SampleSource small = SampleSource.of("examined.py");
    SampleSource dense = SampleSource.of("examined_dense.py");
    SampleSource large = small.grownTo(LARGEST_BYTES);
    Path smallFile = file(workplace, "small.py", small);
    Path largeFile = file(workplace, "large.py", large);
    Path spawn = workplace.script("spawn.py");
    List<Rounds.Turn> turns = new ArrayList<>();
    turns.add(
        Rounds.Turn.of(
            new ProcessCase(BASELINE, 1, python, spawn, parse(smallFile)),
            PROCESS_RUNS,
            PROCESS_RUNS));
    try {
      List<String> command =
          List.of(
              Bandit.find(python, workplace.folder()).toString(),
              "--quiet",
              "--exit-zero",
              smallFile.toString());
      turns.add(
          Rounds.Turn.of(
              new ProcessCase("bandit of 100 lines", 1, python, spawn, command), 2, BANDIT_RUNS));
    } catch (IOException e) {
      progress.println("bandit is not measured, there is none to be had: " + e.getMessage());
    }
    for (int callers : new int[] {1, 16}) {
      turns.add(
          Rounds.Turn.of(
              new ValidationCase("ValidateProcedureCode of 100 lines", callers, client, small),
              SERVICE_WARM_UP,
              SERVICE_RUNS));
    }
    turns.add(
        Rounds.Turn.of(
            new ProcessCase(
                "python3 -c 'import ast; ...' of 100 dense lines",
                1,
                python,
                spawn,
                parse(file(workplace, "dense.py", dense))),
            PROCESS_RUNS,
            PROCESS_RUNS));
    turns.add(
        Rounds.Turn.of(
            new ValidationCase("ValidateProcedureCode of 100 dense lines", 1, client, dense),
            SERVICE_RUNS,
            SERVICE_RUNS));
    turns.add(
        Rounds.Turn.of(
            new ProcessCase(
                "python3 -c 'import ast; ...' of 1 MiB", 1, python, spawn, parse(largeFile)),
            1,
            LARGE_RUNS));
    turns.add(
        Rounds.Turn.of(
            new ValidationCase("ValidateProcedureCode of 1 MiB", 1, client, large),
            LARGE_WARM_UP,
            LARGE_RUNS));
    return turns;
  }

  private List<String> parse(Path file) {
    return List.of(python.toString(), "-c", PARSE, file.toString());
  }

  private static Path file(Workplace workplace, String name, SampleSource source)
      throws IOException {
    return Files.writeString(workplace.folder().resolve(name), source.next());
  }
}
