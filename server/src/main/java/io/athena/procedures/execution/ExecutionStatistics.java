package io.athena.procedures.execution;

import io.athena.procedures.db.Times;
import io.athena.procedures.v1.ExecutionStats;
import io.athena.procedures.v1.GetProcedureStatsResponse;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.transaction.TransactionIsolationLevel;
import org.jspecify.annotations.Nullable;

/** What the runs of procedures amount to. Thread-safe. */
public final class ExecutionStatistics {
  private final Jdbi jdbi;

  /** On a database with the program's schema. */
  public ExecutionStatistics(Jdbi jdbi) {
    this.jdbi = jdbi;
  }

  /**
   * Sets {@code total} and {@code versions}: exact over all finished runs, as of one moment.
   *
   * @param procedureId of a procedure that exists; without runs nothing is set but an empty total
   */
  public void addTo(GetProcedureStatsResponse.Builder response, long procedureId) {
    jdbi.useTransaction(
        TransactionIsolationLevel.REPEATABLE_READ,
        handle -> add(handle.attach(StatsDao.class), response, procedureId));
  }

  private static void add(
      StatsDao dao, GetProcedureStatsResponse.Builder response, long procedureId) {
    Map<Integer, StatsDao.ConfidenceRow> confidences =
        dao.confidences(procedureId).stream()
            .collect(Collectors.toMap(StatsDao.ConfidenceRow::version, Function.identity()));
    List<StatsDao.FailureRow> failures = dao.failures(procedureId);
    for (StatsDao.Row row : dao.rows(procedureId)) {
      Integer version = row.version();
      if (version == null) {
        response.setTotal(stats(row, failures));
      } else if (version > 0) {
        StatsDao.ConfidenceRow confidence =
            confidences.getOrDefault(version, new StatsDao.ConfidenceRow(version, 0, 0));
        response
            .addVersionsBuilder()
            .setVersion(version)
            .setStats(stats(row, failures))
            .setConfidence(confidence.confidence())
            .setRolledBackTo(confidence.rolledBackTo());
      }
    }
  }

  private static ExecutionStats stats(StatsDao.Row row, List<StatsDao.FailureRow> failures) {
    ExecutionStats.Builder stats =
        ExecutionStats.newBuilder()
            .setUsageCount(row.usageCount())
            .setSuccessCount(row.successCount())
            .setFailureCount(row.failureCount())
            .setSkippedCount(row.skippedCount())
            .setSuccessRate(
                row.usageCount() == 0 ? 0 : (double) row.successCount() / row.usageCount())
            .setAvgCompletionTimeMs(orZero(row.averageMs()))
            .setP50CompletionTimeMs(orZero(row.p50Ms()))
            .setP95CompletionTimeMs(orZero(row.p95Ms()))
            .setP99CompletionTimeMs(orZero(row.p99Ms()));
    if (row.lastEndTime() != null) {
      stats.setLastEndTime(Times.toProto(row.lastEndTime()));
    }
    failures.stream()
        .filter(failure -> Objects.equals(failure.version(), row.version()))
        .forEach(failure ->
            stats
                .addFailuresBuilder()
                .setKind(Names.failureKind(failure.failureKind()))
                .setCount(failure.count()));
    return stats.build();
  }

  private static double orZero(@Nullable Double value) {
    return value == null ? 0 : value;
  }
}
