package io.athena.procedures.db;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Stops what an earlier server left running: PostgreSQL whose server and guardian were both killed,
 * or that its guardian is still stopping.
 *
 * <p>Whoever calls holds the data directory, so no process in it belongs to a living server.
 */
final class Orphans {
  private static final int SECONDS_TO_STOP = 30;

  private Orphans() {}

  /** Returns when no process of PostgreSQL is left that works on {@code data}. */
  static void stop(PostgresPrograms programs, Path data) throws IOException {
    if (!find(data).isEmpty()) {
      try {
        programs.run(
            "pg_ctl",
            "--pgdata=" + data,
            "--mode=fast",
            "--wait",
            "--timeout=" + SECONDS_TO_STOP,
            "stop");
      } catch (PostgresPrograms.ProgramFailedException e) {
        // It ended by itself meanwhile, or does not end; then it is killed, which PostgreSQL
        // recovers from when it starts.
      }
      List<ProcessHandle> left = find(data);
      left.forEach(ProcessHandle::destroyForcibly);
      awaitEnd(left, data);
    }
    // With no process left the file is stale; the number in it may be another program's by now,
    // for which PostgreSQL would refuse to start.
    Files.deleteIfExists(data.resolve("postmaster.pid"));
  }

  /** PostgreSQL's processes work in the data directory, and nothing else has a reason to. */
  private static List<ProcessHandle> find(Path data) {
    return ProcessHandle.allProcesses().filter(process -> worksIn(process, data)).toList();
  }

  private static boolean worksIn(ProcessHandle process, Path data) {
    Path link = Path.of("/proc", Long.toString(process.pid()), "cwd");
    try {
      return Files.readSymbolicLink(link).equals(data);
    } catch (IOException e) {
      // It has ended, or belongs to another user and so is not ours.
      return false;
    }
  }

  private static void awaitEnd(List<ProcessHandle> processes, Path data) throws IOException {
    try {
      CompletableFuture.allOf(
              processes.stream().map(ProcessHandle::onExit).toArray(CompletableFuture[]::new))
          .get(SECONDS_TO_STOP, TimeUnit.SECONDS);
    } catch (TimeoutException | ExecutionException e) {
      throw new IOException("an earlier PostgreSQL on " + data + " cannot be stopped", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while an earlier PostgreSQL was stopped", e);
    }
  }
}
