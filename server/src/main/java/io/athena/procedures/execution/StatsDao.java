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

  /** Confidence in one version, and the version that it restored or 0. */
  record ConfidenceRow(int version, double confidence, int rolledBackTo) {}

  String AGGREGATES =
      """
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
      """;

  /**
   * The finished runs of a procedure, and the same by the version they are evidence for: their own,
   * and every later one that a rollback made of the same code after they had ended.
   */
  String RUNS_AND_EVIDENCE =
      """
      with runs as (
        select version, outcome, failure_kind, duration_us, end_time
        from execution
        where procedure_id = :procedureId and state = 'COMPLETED'),
      evidence as (
        select * from runs
        union all
        select restored.version, r.outcome, r.failure_kind, r.duration_us, r.end_time
        from code_version restored
        join code_version origin
          on origin.procedure_id = restored.procedure_id
          and origin.version < restored.version
          and restored.first_version in (origin.version, origin.first_version)
        join runs r on r.version = origin.version and r.end_time <= restored.create_time
        where restored.procedure_id = :procedureId and restored.first_version > 0)
      """;

  @SqlQuery(
      RUNS_AND_EVIDENCE
          + "select null::integer as version, "
          + AGGREGATES
          + "from runs union all select version, "
          + AGGREGATES
          + "from evidence group by version order by version desc nulls first")
  @RegisterConstructorMapper(Row.class)
  List<Row> rows(@Bind("procedureId") long procedureId);

  @SqlQuery(
      RUNS_AND_EVIDENCE
          + """
          select null::integer as version, failure_kind, count(*) as count from runs
          where outcome = 'FAILURE' group by failure_kind
          union all
          select version, failure_kind, count(*) from evidence
          where outcome = 'FAILURE' group by version, failure_kind
          order by count desc, failure_kind
          """)
  @RegisterConstructorMapper(FailureRow.class)
  List<FailureRow> failures(@Bind("procedureId") long procedureId);

  @SqlQuery(
      """
      select s.version, s.confidence, coalesce(v.rolled_back_to, 0) as rolled_back_to
      from version_stats s
      left join code_version v on v.procedure_id = s.procedure_id and v.version = s.version
      where s.procedure_id = :procedureId
      """)
  @RegisterConstructorMapper(ConfidenceRow.class)
  List<ConfidenceRow> confidences(@Bind("procedureId") long procedureId);
}
