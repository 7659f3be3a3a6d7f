package io.athena.procedures.execution;

import io.athena.procedures.code.Confidence;
import io.athena.procedures.db.DaoInterfaces;
import io.athena.procedures.db.DatabaseFailures;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.stream.IntStream;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes outcomes: the row, the events not stored yet, and the statistics of the version commit
 * together. Rows are locked in the order of their ids, then statistics in the order of theirs, so
 * servers that write at the same time do not deadlock.
 */
final class CompletionWriter implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(CompletionWriter.class);
  private static final long FIRST_PAUSE_MILLIS = 20;
  private static final long LONGEST_PAUSE_MILLIS = 2_000;

  private final Jdbi jdbi;
  private final Batcher<Completion, Boolean> batcher;

  private record Version(long procedureId, int version) {}

  CompletionWriter(Jdbi jdbi) {
    DaoInterfaces.examine(jdbi, CompletionDao.class);
    this.jdbi = jdbi;
    this.batcher = new Batcher<>("execution-completions", this::writeAll);
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
        return batcher.submit(next).get() ? next : null;
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
          log.error(
              "the outcome of execution {} cannot be stored; it is recorded as INVALID_RESULT",
              next.executionId(),
              cause);
          replaced = true;
          next = completion.withUnstorableResult();
        } else {
          throw new IllegalStateException(
              "the outcome of execution " + next.executionId() + " cannot be written", cause);
        }
      }
    }
  }

  /** The same list in the same order: true for each that was recorded. */
  private List<Boolean> writeAll(List<Completion> completions) {
    return jdbi.inTransaction(handle -> writeAll(handle, completions));
  }

  private static List<Boolean> writeAll(Handle handle, List<Completion> completions) {
    CompletionDao dao = handle.attach(CompletionDao.class);
    List<Integer> order =
        IntStream.range(0, completions.size())
            .boxed()
            .sorted(Comparator.comparing(index -> completions.get(index).executionId().toString()))
            .toList();
    int[] ended = dao.end(order.stream().map(index -> completions.get(index).row()).toList());
    boolean[] recorded = new boolean[completions.size()];
    Map<Version, CompletionDao.Change> changes = new HashMap<>();
    for (int place = 0; place < ended.length; place++) {
      int index = order.get(place);
      Completion completion = completions.get(index);
      recorded[index] = ended[place] > 0;
      if (recorded[index]) {
        changes.merge(
            new Version(completion.procedureId(), completion.version()),
            change(completion),
            CompletionWriter::sum);
      }
    }
    if (!changes.isEmpty()) {
      count(dao, changes.values());
    }
    return IntStream.range(0, recorded.length).mapToObj(index -> recorded[index]).toList();
  }

  private static void count(CompletionDao dao, Iterable<CompletionDao.Change> changes) {
    List<CompletionDao.Change> ordered = new ArrayList<>();
    changes.forEach(ordered::add);
    ordered.sort(
        Comparator.comparingLong(CompletionDao.Change::procedureId)
            .thenComparingInt(CompletionDao.Change::version));
    List<CompletionDao.Confidence> confidences =
        dao.count(ordered).stream()
            .filter(counts -> counts.version() > 0)
            .map(counts ->
                new CompletionDao.Confidence(
                    counts.procedureId(), counts.version(), confidence(counts)))
            .toList();
    if (!confidences.isEmpty()) {
      dao.rate(confidences);
    }
  }

  private static double confidence(CompletionDao.Counts counts) {
    return Confidence.of(
        counts.successCount() + counts.exampleSuccessCount(),
        counts.failureCount() - counts.noFaultCount() + counts.exampleFailureCount(),
        counts.stepCoverage());
  }

  private static CompletionDao.Change change(Completion completion) {
    int success = 0;
    int failure = 0;
    int skipped = 0;
    switch (completion.outcome()) {
      case OUTCOME_SUCCESS -> success = 1;
      case OUTCOME_FAILURE -> failure = 1;
      case OUTCOME_SKIPPED -> skipped = 1;
      case OUTCOME_UNSPECIFIED, UNRECOGNIZED ->
          throw new IllegalArgumentException("an execution ended without an outcome");
    }
    return new CompletionDao.Change(
        completion.procedureId(),
        completion.version(),
        success,
        failure,
        skipped,
        completion.isNoFault() ? 1 : 0);
  }

  private static CompletionDao.Change sum(CompletionDao.Change one, CompletionDao.Change other) {
    return new CompletionDao.Change(
        one.procedureId(),
        one.version(),
        one.successes() + other.successes(),
        one.failures() + other.failures(),
        one.skipped() + other.skipped(),
        one.noFaults() + other.noFaults());
  }

  @Override
  public void close() {
    batcher.close();
  }
}
