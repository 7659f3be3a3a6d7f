package io.athena.procedures.execution;

import java.time.Instant;
import java.util.List;
import org.jdbi.v3.sqlobject.config.RegisterConstructorMapper;
import org.jdbi.v3.sqlobject.customizer.Bind;
import org.jdbi.v3.sqlobject.statement.SqlQuery;
import org.jspecify.annotations.Nullable;

/** Statistics over the rows of executions. */
interface StatsDao {
  /** Over one version, or over all where {@code version} is null. */
  record Row(
      @Nullable Integer version,
      long usageCount,
      long successCount,
      long failureCount,
      long skippedCount,
      @Nullable Double averageMs,
      @Nullable Double p50Ms,
      @Nullable Double p95Ms,
      @Nullable Double p99Ms,
      @Nullable Instant lastEndTime) {}

  /** Failures of one kind of one version, or of all where {@code version} is null. */
  record FailureRow(@Nullable Integer version, String failureKind, long count) {}

  /** Confidence in one version. */
  record ConfidenceRow(int version, double confidence) {}

  @SqlQuery(
      """
      select version,
             count(*) filter (where outcome <> 'SKIPPED') as usage_count,
             count(*) filter (where outcome = 'SUCCESS') as success_count,
             count(*) filter (where outcome = 'FAILURE') as failure_count,
             count(*) filter (where outcome = 'SKIPPED') as skipped_count,
             (avg(duration_us) filter (where outcome <> 'SKIPPED') / 1000)::double precision as average_ms,
             percentile_cont(0.5) within group (order by duration_us)
               filter (where outcome <> 'SKIPPED') / 1000 as p50_ms,
             percentile_cont(0.95) within group (order by duration_us)
               filter (where outcome <> 'SKIPPED') / 1000 as p95_ms,
             percentile_cont(0.99) within group (order by duration_us)
               filter (where outcome <> 'SKIPPED') / 1000 as p99_ms,
             max(end_time) filter (where outcome <> 'SKIPPED') as last_end_time
      from execution
      where procedure_id = :procedureId and state = 'COMPLETED'
      group by grouping sets ((), (version))
      order by version desc nulls first
      """)
  @RegisterConstructorMapper(Row.class)
  List<Row> rows(@Bind("procedureId") long procedureId);

  @SqlQuery(
      """
      select version, failure_kind, count(*) as count
      from execution
      where procedure_id = :procedureId and state = 'COMPLETED' and outcome = 'FAILURE'
      group by grouping sets ((failure_kind), (version, failure_kind))
      order by count desc, failure_kind
      """)
  @RegisterConstructorMapper(FailureRow.class)
  List<FailureRow> failures(@Bind("procedureId") long procedureId);

  @SqlQuery("select version, confidence from version_stats where procedure_id = :procedureId")
  @RegisterConstructorMapper(ConfidenceRow.class)
  List<ConfidenceRow> confidences(@Bind("procedureId") long procedureId);
}
