package io.athena.procedures.bench;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * Measures what a run costs, side by side with its baselines.
 *
 * <p>Cases take turns in rounds, so that a machine's noisy minute falls on all of them alike. Which
 * there are stands in {@link RunCases}, what the figures are held against in {@link RunBars}.
 */
@Command(
    name = "athena bench",
    subcommands = {
      OutputBenchmark.class,
      VersionsBenchmark.class,
      MirrorBenchmark.class,
      ValidationBenchmark.class
    },
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Measures what running a procedure costs, beside the same program without the service: latency",
      "and rate, memory of what waits, cost of a slot. Starts a server of its own with an empty",
      "database; takes two to three minutes."
    })
public final class Benchmark implements Callable<Integer> {
  @Mixin private final Frame frame = new Frame();

  @Option(
      names = "--beside",
      paramLabel = "NAME=COMMAND",
      description = {
        "Another way to isolate a program, measured too: words of a command that ends when",
        "the program has, separated by spaces, such as",
        "'unshare=unshare -rpf /usr/bin/python3 -I -S -c pass'. May be given more than once."
      })
  private Map<String, String> beside = new LinkedHashMap<>();

  /**
   * Runs the benchmark; the launcher tells where it lies itself by the system property
   * athena.launcher.
   */
  public static void main(String[] arguments) {
    // The server's libraries bring a configuration of their own.
    System.setProperty("logback.configurationFile", "bench-logback.xml");
    System.exit(new CommandLine(new Benchmark()).execute(arguments));
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    return frame.run("athena bench", this::measure);
  }

  private Report measure(Frame.Stage stage) throws IOException, InterruptedException {
    ReadySlots slots = new ReadySlots(stage.server().address());
    HelloProcedure hello = HelloProcedure.save(stage.client());
    List<Report.Row> rows =
        stage.rounds().measure(new RunCases(stage, hello, slots, beside).turns());
    stage.tell("measuring the cost of slots");
    PoolCosts costs = PoolCosts.measure(stage.server(), hello, slots);
    return new Report(
        Machine.here(stage.python()),
        RunCases.BARE,
        rows,
        costs.figures(),
        RunBars.of(rows, costs.idleSlotMebibytes()));
  }
}
