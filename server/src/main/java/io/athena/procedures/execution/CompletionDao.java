package io.athena.procedures.execution;

import com.google.protobuf.ByteString;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jdbi.v3.sqlobject.config.RegisterArgumentFactory;
import org.jdbi.v3.sqlobject.config.RegisterConstructorMapper;
import org.jdbi.v3.sqlobject.customizer.BindMethods;
import org.jdbi.v3.sqlobject.statement.GetGeneratedKeys;
import org.jdbi.v3.sqlobject.statement.SqlBatch;
import org.jspecify.annotations.Nullable;

/** What is written when runs end; all of it in one transaction. */
@RegisterArgumentFactory(BytesArgument.class)
@RegisterArgumentFactory(ByteListArgument.class)
interface CompletionDao {
  /** The end of a row, and the events that are not stored yet, the last of which tells it. */
  record Ended(
      UUID executionId,
      String fromState,
      @Nullable Instant startTime,
      String workerId,
      Instant endTime,
      String outcome,
      @Nullable String failureKind,
      ByteString completed,
      @Nullable Long durationUs,
      @Nullable Long userCpuUs,
      @Nullable Long systemCpuUs,
      @Nullable Long peakMemoryBytes,
      @Nullable Long stdoutBytes,
      @Nullable Long stderrBytes,
      boolean truncated,
      List<Long> sequences,
      List<ByteString> events) {}

  /** By how much the statistics of a version change. */
  record Change(
      long procedureId, int version, int successes, int failures, int skipped, int noFaults) {}

  /** The statistics of a version after the change. */
  record Counts(
      long procedureId,
      int version,
      long successCount,
      long failureCount,
      long noFaultCount,
      long exampleSuccessCount,
      long exampleFailureCount,
      double stepCoverage) {}

  /** A version's confidence. */
  record Confidence(long procedureId, int version, double confidence) {}

  /** Zero where another had ended the row or it is gone; else the number of its events stored. */
  @SqlBatch(
      """
      with ended as (
        update execution
        set state = 'COMPLETED',
            start_time = coalesce(:startTime, start_time),
            worker_id = case when :workerId = '' then worker_id else :workerId end,
            end_time = :endTime,
            outcome = :outcome,
            failure_kind = :failureKind,
            completed = :completed,
            duration_us = :durationUs,
            user_cpu_us = :userCpuUs,
            system_cpu_us = :systemCpuUs,
            peak_memory_bytes = :peakMemoryBytes,
            stdout_bytes = :stdoutBytes,
            stderr_bytes = :stderrBytes,
            stored_output_truncated = stored_output_truncated or :truncated
        where execution_id = :executionId and state = :fromState
        returning execution_id
      )
      insert into execution_event (execution_id, sequence, event)
      select ended.execution_id, unstored.sequence, unstored.event
      from ended, unnest(:sequences, :events) as unstored (sequence, event)
      on conflict do nothing
      """)
  int[] end(@BindMethods List<Ended> rows);

  @SqlBatch(
      """
      insert into version_stats as stats (
        procedure_id, version, success_count, failure_count, skipped_count, no_fault_count, confidence)
      values (:procedureId, :version, :successes, :failures, :skipped, :noFaults, 0)
      on conflict (procedure_id, version) do update
      set success_count = stats.success_count + excluded.success_count,
          failure_count = stats.failure_count + excluded.failure_count,
          skipped_count = stats.skipped_count + excluded.skipped_count,
          no_fault_count = stats.no_fault_count + excluded.no_fault_count
      returning procedure_id, version, success_count, failure_count, no_fault_count,
                example_success_count, example_failure_count, step_coverage
      """)
  @GetGeneratedKeys({
    "procedure_id",
    "version",
    "success_count",
    "failure_count",
    "no_fault_count",
    "example_success_count",
    "example_failure_count",
    "step_coverage"
  })
  @RegisterConstructorMapper(Counts.class)
  List<Counts> count(@BindMethods List<Change> changes);

  @SqlBatch(
      """
      update version_stats set confidence = :confidence
      where procedure_id = :procedureId and version = :version
      """)
  void rate(@BindMethods List<Confidence> confidences);
}
