package io.athena.procedures.bench;

import io.athena.procedures.sandbox.MeasuredContainer;
import io.athena.procedures.sandbox.WorkerConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * What the sandbox's own container costs: made anew for every run, or made once with isolated
 * children forked in it.
 */
final class ContainerCase {
  private ContainerCase() {}

  /** {@code runc run} for every run. */
  static Case containerForEach(WorkerConfig config, Path python, Path spawnScript) {
    return new Case() {
      @Override
      public String name() {
        return "runc run of the same program";
      }

      @Override
      public int concurrency() {
        return 1;
      }

      @Override
      public Timings run(int count) throws IOException, InterruptedException {
        try (MeasuredContainer container =
            MeasuredContainer.prepare(config, List.of("-I", "-S", "-c", "pass"))) {
          return new ProcessCase(name(), 1, python, spawnScript, container.command()).run(count);
        }
      }
    };
  }

  /** One container, in which a warm interpreter forks and isolates a child for every run. */
  static Case forkForEach(WorkerConfig config, Path forkScript, int concurrency) {
    return new Case() {
      @Override
      public String name() {
        return RunCases.FORK;
      }

      @Override
      public int concurrency() {
        return concurrency;
      }

      @Override
      public Timings run(int count) throws IOException, InterruptedException {
        List<String> program =
            new ArrayList<>(List.of("-I", "-S", "-c", Files.readString(forkScript)));
        program.add(Integer.toString(count));
        program.add(Integer.toString(concurrency));
        try (MeasuredContainer container = MeasuredContainer.prepare(config, program)) {
          return Latencies.printedBy(name(), container.command());
        }
      }
    };
  }
}
