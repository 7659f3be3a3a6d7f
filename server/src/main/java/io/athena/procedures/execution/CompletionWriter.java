package io.athena.procedures.execution;

import io.athena.procedures.db.DatabaseFailures;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.function.Function;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes outcomes: the row, the events not stored yet, and the statistics of the version commit
 * together. Servers lock statistics in the same order, so that they do not deadlock over them.
 */
final class CompletionWriter {
  private static final Logger log = LoggerFactory.getLogger(CompletionWriter.class);
  private static final long FIRST_PAUSE_MILLIS = 20;
  private static final long LONGEST_PAUSE_MILLIS = 2_000;

  private final Jdbi jdbi;
  private final Batcher<Completion, Boolean> batcher;
  private final Batcher<Whole, Boolean> wholes;

  /** Statistics are locked in this order, by all servers. */
  private static final Comparator<Completion> ORDER =
      Comparator.comparingLong(Completion::procedureId)
          .thenComparingInt(Completion::version)
          .thenComparing(completion -> completion.executionId().toString());

  /** A run that has ended before it had a row. */
  private record Whole(RunRows.NewRow row, Completion completion) {}

  CompletionWriter(Jdbi jdbi) {
    this.jdbi = jdbi;
    this.batcher = new Batcher<>("execution-completions", this::writeAll);
    this.wholes = new Batcher<>("execution-records", this::writeWholes);
  }

  /**
   * Records the end of a run; what was recorded once it is committed, null if the run had ended
   * already or is gone. While the database cannot be reached this waits and tries again: the run
   * has ended, and somebody must say so. Content that cannot be stored becomes a failure that says
   * that.
   */
  @Nullable Completion record(Completion completion) throws InterruptedException {
    Completion next = completion;
    boolean replaced = false;
    long pause = FIRST_PAUSE_MILLIS;
    while (true) {
      try {
        return batcher.write(next) ? next : null;
      } catch (ExecutionException failed) {
        Throwable cause = failed.getCause();
        if (DatabaseFailures.isPassing(cause)) {
          log.warn(
              "the outcome of execution {} could not be written and is tried again in {} ms: {}",
              next.executionId(),
              pause,
              String.valueOf(cause));
          Thread.sleep(pause);
          pause = Math.min(2 * pause, LONGEST_PAUSE_MILLIS);
        } else if (!replaced) {
          logUnstorable(next, cause);
          replaced = true;
          next = completion.withUnstorableResult();
        } else {
          throw new IllegalStateException(
              "the outcome of execution " + next.executionId() + " cannot be written", cause);
        }
      }
    }
  }

  /**
   * Records a run that has ended before it had a row, in one commit; what was recorded, null if its
   * request_id is taken. Content that cannot be stored becomes a failure that says that.
   *
   * @throws ExecutionException with the database's exception, if it cannot be reached or the
   *     procedure is gone; as far as is known nothing was recorded then
   */
  @Nullable Completion recordWhole(RunRows.NewRow row, Completion completion)
      throws ExecutionException, InterruptedException {
    try {
      return wholes.write(new Whole(row, completion)) ? completion : null;
    } catch (ExecutionException failed) {
      Throwable cause = failed.getCause();
      if (DatabaseFailures.isPassing(cause) || DatabaseFailures.isMissingReference(cause)) {
        throw failed;
      }
      logUnstorable(completion, cause);
      Completion replaced = completion.withUnstorableResult();
      return wholes.write(new Whole(row, replaced)) ? replaced : null;
    }
  }

  private static void logUnstorable(Completion completion, @Nullable Throwable cause) {
    log.error(
        "the outcome of execution {} cannot be stored; it is recorded as INVALID_RESULT",
        completion.executionId(),
        cause);
  }

  /** The same list in the same order: true for each whose request_id was not taken. */
  private List<Boolean> writeWholes(List<Whole> wholes) {
    List<RunRows.Whole> rows =
        wholes.stream()
            .sorted(Comparator.comparing(Whole::completion, ORDER))
            .map(whole -> new RunRows.Whole(whole.row(), whole.completion().row()))
            .toList();
    Set<UUID> recorded = inOne(rows.size(), handle -> RunRows.beginAndEnd(handle, rows));
    return wholes.stream()
        .map(whole -> recorded.contains(whole.completion().executionId()))
        .toList();
  }

  /** The same list in the same order: true for each that was recorded. */
  private List<Boolean> writeAll(List<Completion> completions) {
    List<RunRows.Ended> rows = completions.stream().sorted(ORDER).map(Completion::row).toList();
    Set<UUID> recorded = inOne(rows.size(), handle -> RunRows.end(handle, rows));
    // Where two report the same end, the first one has recorded it.
    return completions.stream()
        .map(completion -> recorded.remove(completion.executionId()))
        .toList();
  }

  /** One alone is a single statement, which needs no transaction and is faster without. */
  private Set<UUID> inOne(int rows, Function<Handle, List<UUID>> statements) {
    return new HashSet<>(
        rows == 1 ? jdbi.withHandle(statements::apply) : jdbi.inTransaction(statements::apply));
  }
}
