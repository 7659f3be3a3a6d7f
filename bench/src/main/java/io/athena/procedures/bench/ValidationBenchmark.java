package io.athena.procedures.bench;

import io.athena.procedures.client.AthenaClient;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

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

  @Mixin private final Frame frame = new Frame();

  @Override
  public Integer call() throws IOException, InterruptedException {
    return frame.run("athena bench validation", this::measure);
  }

  private Report measure(Frame.Stage stage) throws IOException, InterruptedException {
    return new Report(
        Machine.here(stage.python()),
        BASELINE,
        stage.rounds().measure(turns(stage)),
        List.of(),
        List.of());
  }

  private List<Rounds.Turn> turns(Frame.Stage stage) throws IOException, InterruptedException {
    Workplace workplace = stage.workplace();
    AthenaClient client = stage.client();
    Path python = stage.python();
    SampleSource small = SampleSource.of("examined.py");
    SampleSource dense = SampleSource.of("examined_dense.py");
    SampleSource large = small.grownTo(LARGEST_BYTES);
    Path smallFile = file(workplace, "small.py", small);
    Path largeFile = file(workplace, "large.py", large);
    Path spawn = workplace.script("spawn.py");
    List<Rounds.Turn> turns = new ArrayList<>();
    turns.add(
        Rounds.Turn.of(
            new ProcessCase(BASELINE, 1, python, spawn, parse(python, smallFile)),
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
      stage.tell("bandit is not measured, there is none to be had: " + e.getMessage());
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
                parse(python, file(workplace, "dense.py", dense))),
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
                "python3 -c 'import ast; ...' of 1 MiB",
                1,
                python,
                spawn,
                parse(python, largeFile)),
            1,
            LARGE_RUNS));
    turns.add(
        Rounds.Turn.of(
            new ValidationCase("ValidateProcedureCode of 1 MiB", 1, client, large),
            LARGE_WARM_UP,
            LARGE_RUNS));
    return turns;
  }

  private static List<String> parse(Path python, Path file) {
    return List.of(python.toString(), "-c", PARSE, file.toString());
  }

  private static Path file(Workplace workplace, String name, SampleSource source)
      throws IOException {
    return Files.writeString(workplace.folder().resolve(name), source.next());
  }
}
