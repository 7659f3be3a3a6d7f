package io.athena.procedures.execution;

import io.athena.procedures.error.NotFoundException;
import io.athena.procedures.v1.ExecutionStats;
import io.athena.procedures.v1.GetProcedureStatsResponse;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.transaction.TransactionIsolationLevel;
import org.jspecify.annotations.Nullable;

/** What the runs of procedures amount to. Thread-safe. */
public final class ExecutionStatistics {
  private final Jdbi jdbi;
  private final Clock clock;

  /** On a database with the program's schema. */
  public ExecutionStatistics(Jdbi jdbi, Clock clock) {
    this.jdbi = jdbi;
    this.clock = clock;
  }

  /**
   * Exact statistics over all finished runs of a procedure, of one moment.
   *
   * @throws NotFoundException if there is no such procedure
   */
  public GetProcedureStatsResponse of(long procedureId) {
    return jdbi.inTransaction(
        TransactionIsolationLevel.REPEATABLE_READ, handle -> of(handle, procedureId));
  }

  private GetProcedureStatsResponse of(Handle handle, long procedureId) {
    StatsDao dao = handle.attach(StatsDao.class);
    StatsDao.Subject subject = dao.subject(procedureId);
    if (subject == null) {
      throw new NotFoundException(
          "PROCEDURE_NOT_FOUND",
          "there is no procedure " + procedureId,
          Map.of("procedure_id", Long.toString(procedureId)));
    }
    Map<Integer, Double> confidences =
        dao.confidences(procedureId).stream()
            .collect(
                Collectors.toMap(
                    StatsDao.ConfidenceRow::version, StatsDao.ConfidenceRow::confidence));
    List<StatsDao.FailureRow> failures = dao.failures(procedureId);
    GetProcedureStatsResponse.Builder response =
        GetProcedureStatsResponse.newBuilder()
            .setProcedureId(procedureId)
            .setName(subject.name())
            .setCodeConfidence(confidences.getOrDefault(subject.currentVersion(), 0.0))
            .setTime(Times.timestamp(clock.instant()));
    for (StatsDao.Row row : dao.rows(procedureId)) {
      Integer version = row.version();
      if (version == null) {
        response.setTotal(stats(row, failures));
      } else if (version > 0) {
        response
            .addVersionsBuilder()
            .setVersion(version)
            .setStats(stats(row, failures))
            .setConfidence(confidences.getOrDefault(version, 0.0));
      }
    }
    return response.build();
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
      stats.setLastEndTime(Times.timestamp(row.lastEndTime()));
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
