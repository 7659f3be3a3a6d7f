package io.athena.procedures.sandbox;

import java.io.BufferedReader;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One running container with its fork server.
 *
 * <p>Its life hangs on the standard input of the OCI runtime: when this process ends, however it
 * ends, the kernel closes that pipe, the fork server leaves, and the kernel ends all that is in the
 * container. Thread-safe.
 */
final class Container implements Closeable {
  private static final Logger log = LoggerFactory.getLogger(Container.class);
  private static final Duration LONGEST_START = Duration.ofSeconds(30);
  private static final Duration LONGEST_STOP = Duration.ofSeconds(5);

  private static final String FORK_SERVER =
      "import sys; sys.path.insert(0, '/athena/lib'); from athena_harness.zygote import main; main()";

  private final String id;
  private final Path folder;
  private final List<String> runtime;
  private final List<Path> groupParents;
  private final String groupName;
  private final Process process;
  private final CompletableFuture<Void> ended;
  private final ReentrantLock connecting = new ReentrantLock();
  private String pythonVersion = "";

  private Container(
      String id,
      Path folder,
      List<String> runtime,
      List<Path> groupParents,
      String groupName,
      Process process) {
    this.id = id;
    this.folder = folder;
    this.runtime = runtime;
    this.groupParents = groupParents;
    this.groupName = groupName;
    this.process = process;
    this.ended = process.onExit().thenAccept(_ -> {});
  }

  /**
   * What all containers of a worker have in common.
   *
   * @param uidOffset makes it likely that two workers on one host use different users
   */
  record Environment(
      WorkerConfig config,
      String workerId,
      RunDirectory runDirectory,
      HostCgroups cgroups,
      PythonInterpreter python,
      int uidOffset) {}

  /**
   * Starts a container and waits until its fork server is ready.
   *
   * @param number counts the worker's containers
   * @param modules what its fork server imports beside the usual ones
   * @throws IOException if it does not become ready; the message carries what the runtime said
   */
  static Container start(Environment environment, int number, List<String> modules)
      throws IOException {
    String id = "c" + number;
    Path folder = environment.runDirectory().path().resolve(id);
    Path state = environment.runDirectory().runtimeState();
    String groupName = RunDirectory.groupName(environment.workerId(), id);
    List<String> command = new ArrayList<>(List.of("-I", "-S", "-c", FORK_SERVER));
    command.addAll(modules);
    Bundle.write(environment, number, folder, groupName, command);
    List<String> runtime = List.of(environment.config().runtime(), "--root", state.toString());
    Path pidFile = folder.resolve("pid");
    ProcessBuilder builder =
        new ProcessBuilder(
            runtime.get(0),
            runtime.get(1),
            runtime.get(2),
            "run",
            "--bundle",
            folder.toString(),
            "--pid-file",
            pidFile.toString(),
            id);
    Container container =
        new Container(
            id, folder, runtime, environment.cgroups().parents(), groupName, builder.start());
    try {
      container.awaitReady();
      return container;
    } catch (IOException e) {
      container.close();
      throw e;
    }
  }

  String id() {
    return id;
  }

  String pythonVersion() {
    return pythonVersion;
  }

  /** Name of its control group. */
  String groupName() {
    return groupName;
  }

  boolean isAlive() {
    return process.isAlive();
  }

  /** Waits for its end, for at most so long; true if it has ended. */
  boolean endsWithin(Duration longest) {
    try {
      return process.waitFor(longest);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return !isAlive();
    }
  }

  /** Runs the action once, when the container has ended for whatever reason. */
  void onEnd(Runnable action) {
    var _ = ended.thenRun(action);
  }

  /**
   * A slot that waits for its program.
   *
   * @param timer ends the making of one that takes too long
   * @throws Slot.RefusedException if it cannot be isolated and limited
   */
  Slot makeSlot(SlotLimits limits, ScheduledExecutorService timer) throws IOException {
    Slot slot = connectSlot(limits);
    try {
      slot.awaitReady(timer);
      return slot;
    } catch (IOException e) {
      slot.close();
      throw e;
    }
  }

  /** A slot that isolates itself meanwhile. */
  Slot connectSlot(SlotLimits limits) throws IOException {
    // The fork server takes five connections in a row for one slot, so they must not mix with
    // another's.
    connecting.lock();
    try {
      return Slot.connect(this, folder.resolve("run/zygote.sock"), limits);
    } finally {
      connecting.unlock();
    }
  }

  /** Kills everything in the container at once. */
  void destroy() {
    try {
      String pid = Files.readString(folder.resolve("pid")).strip();
      // The runtime has not reaped it while it lives itself, so the number cannot be another
      // process's.
      if (process.isAlive()) {
        ProcessHandle.of(Long.parseLong(pid)).ifPresent(ProcessHandle::destroyForcibly);
      }
    } catch (IOException | NumberFormatException e) {
      process.destroyForcibly();
    }
  }

  /** Ends the container and removes all traces of it. Closing twice does nothing. */
  @Override
  public void close() {
    try {
      process.getOutputStream().close();
    } catch (IOException e) {
      log.debug("container {}: its input is closed already: {}", id, e.toString());
    }
    if (!waitForEnd()) {
      destroy();
      if (!waitForEnd()) {
        process.destroyForcibly();
      }
    }
    removeTraces();
  }

  private boolean waitForEnd() {
    boolean interrupted = false;
    try {
      long deadline = System.nanoTime() + LONGEST_STOP.toNanos();
      while (true) {
        try {
          return process.waitFor(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
          interrupted =
              true; // Cleaning up must not be left half done; the interrupt is kept for later.
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private void removeTraces() {
    try {
      if (Files.isDirectory(Path.of(runtime.get(2), id))) {
        Command.run(
            List.of(runtime.get(0), runtime.get(1), runtime.get(2), "delete", "--force", id));
      }
      for (Path parent : groupParents) {
        RunDirectory.removeGroups(parent, groupName);
      }
      RunDirectory.deleteTree(folder);
    } catch (IOException e) {
      log.warn(
          "container {}: not all traces could be removed; the next worker tries again: {}",
          id,
          e.toString());
    }
  }

  private void awaitReady() throws IOException {
    Queue<String> complaints = new ConcurrentLinkedQueue<>();
    Thread errors = Thread.ofVirtual().start(() -> readErrors(complaints));
    BufferedReader output = process.inputReader(StandardCharsets.UTF_8);
    CompletableFuture<@Nullable String> firstLine = new CompletableFuture<>();
    Thread.ofVirtual()
        .start(() -> {
          try {
            firstLine.complete(output.readLine());
          } catch (IOException e) {
            firstLine.completeExceptionally(e);
          }
        });
    String line = null;
    try {
      line = firstLine.get(LONGEST_START.toMillis(), TimeUnit.MILLISECONDS);
      if (line == null) {
        errors.join();
      }
    } catch (ExecutionException | TimeoutException e) {
      complaints.add(e.toString());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while a container started", e);
    }
    if (line == null) {
      throw new IOException(
          "container %s did not start: %s".formatted(id, String.join("; ", complaints)));
    }
    pythonVersion =
        Json.parse(com.google.protobuf.ByteString.copyFromUtf8(line)).path("python").asString("");
  }

  private void readErrors(Queue<String> complaints) {
    try (BufferedReader reader =
        new BufferedReader(
            new InputStreamReader(process.getErrorStream(), StandardCharsets.UTF_8))) {
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        if (complaints.size() < 20) {
          complaints.add(line);
        }
        log.warn("container {}: {}", id, line);
      }
    } catch (IOException e) {
      log.debug("container {}: no more errors to read: {}", id, e.toString());
    }
  }
}
