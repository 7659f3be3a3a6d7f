package io.athena.procedures.sandbox;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * A container as a worker makes it, with a program of the caller's in the place of the fork server:
 * for measuring what the container itself costs.
 */
public final class MeasuredContainer implements Closeable {
  private static final String WORKER_ID = "measured-" + ProcessHandle.current().pid();
  private static final String ID = "c1";

  private final WorkerConfig config;
  private final RunDirectory directory;
  private final HostCgroups cgroups;
  private final String groupName = RunDirectory.groupName(WORKER_ID, ID);

  private MeasuredContainer(WorkerConfig config, RunDirectory directory, HostCgroups cgroups) {
    this.config = config;
    this.directory = directory;
    this.cgroups = cgroups;
  }

  /**
   * Prepares a container; one may exist at a time in a process and run directory.
   *
   * @param pythonArguments what the interpreter is told, such as {@code -I -S -c pass}; the harness
   *     lies in {@code /athena/lib}
   */
  public static MeasuredContainer prepare(WorkerConfig config, List<String> pythonArguments)
      throws IOException {
    HostCgroups cgroups = HostCgroups.detect();
    PythonInterpreter python = PythonInterpreter.find(config);
    RunDirectory directory = RunDirectory.create(config, WORKER_ID, cgroups);
    MeasuredContainer container = new MeasuredContainer(config, directory, cgroups);
    Container.Environment environment =
        new Container.Environment(config, WORKER_ID, directory, cgroups, python, 0);
    Bundle.write(environment, 1, container.folder(), container.groupName, pythonArguments);
    return container;
  }

  /** The command that runs it once, from making the container to having removed it. */
  public List<String> command() {
    return List.of(
        config.runtime(),
        "--root",
        directory.runtimeState().toString(),
        "run",
        "--bundle",
        folder().toString(),
        ID);
  }

  @Override
  public void close() throws IOException {
    for (Path parent : cgroups.parents()) {
      RunDirectory.removeGroups(parent, groupName);
    }
    directory.close();
  }

  private Path folder() {
    return directory.path().resolve(ID);
  }
}
