package io.athena.procedures.execution;

import com.google.protobuf.ByteString;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jdbi.v3.sqlobject.config.RegisterArgumentFactory;
import org.jdbi.v3.sqlobject.customizer.BindMethods;
import org.jdbi.v3.sqlobject.statement.GetGeneratedKeys;
import org.jdbi.v3.sqlobject.statement.SqlBatch;
import org.jspecify.annotations.Nullable;

/** What is written when runs end: one statement for each. */
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
      List<ByteString> events,
      boolean noFault) {}

  /** What the end of a run brings with it, given the row that has {@code ended}. */
  String ALONG =
      """
      stored as (
        insert into execution_event (execution_id, sequence, event)
        select ended.execution_id, unstored.sequence, unstored.event
        from ended, unnest(:sequences, :events) as unstored (sequence, event)
        on conflict do nothing
      )
      insert into version_stats as stats (
        procedure_id, version, success_count, failure_count, skipped_count, no_fault_count, confidence)
      select procedure_id, version, success, failure, (outcome = 'SKIPPED')::int, no_fault,
             case when version = 0 then 0
                  else confidence_in_version(0, 0, success, failure - no_fault, 1, 1) end
      from ended, lateral (
        select (outcome = 'SUCCESS')::int as success, (outcome = 'FAILURE')::int as failure,
               (:noFault)::int as no_fault) as counts
      on conflict (procedure_id, version) do update
      set success_count = stats.success_count + excluded.success_count,
          failure_count = stats.failure_count + excluded.failure_count,
          skipped_count = stats.skipped_count + excluded.skipped_count,
          no_fault_count = stats.no_fault_count + excluded.no_fault_count,
          confidence = case when stats.version = 0 then 0
            else confidence_in_version(
              stats.example_success_count, stats.example_failure_count,
              stats.success_count + excluded.success_count,
              stats.failure_count + excluded.failure_count
                - stats.no_fault_count - excluded.no_fault_count,
              stats.step_coverage, stats.prior_odds) end
      returning (select execution_id from ended) as execution_id
      """;

  /**
   * Ends rows, each with its events and its share in the statistics of the version and the
   * confidence in it; the ids of those that neither another had ended nor are gone.
   */
  @SqlBatch(
      transactional = false, // Of several the caller makes one transaction.
      value =
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
            returning execution_id, procedure_id, version, outcome
          ),
          """
              + ALONG)
  @GetGeneratedKeys("execution_id")
  List<UUID> end(@BindMethods List<Ended> rows);

  /**
   * Makes rows of runs that have ended before they had one, as {@link AdmissionDao#insert} and
   * {@link #end} would; the ids of those whose request_key was not taken.
   */
  @SqlBatch(
      transactional = false,
      value =
          """
          with ended as (
            insert into execution (
              execution_id, procedure_id, procedure_name, project, version, commit_id, state,
              instance_id, request_id, request_key, request_hash, parameters, limits, create_time,
              start_time, worker_id, end_time, outcome, failure_kind, completed, duration_us,
              user_cpu_us, system_cpu_us, peak_memory_bytes, stdout_bytes, stderr_bytes,
              stored_output_truncated)
            select
              :begun.executionId, :begun.procedureId, :begun.procedureName, :begun.project,
              :begun.version, :begun.commitId, 'COMPLETED', cast(:begun.instanceId as uuid),
              :begun.requestId, :begun.requestKey, :begun.requestHash, :begun.parameters,
              :begun.limits, cast(:begun.createTime as timestamptz),
              cast(:startTime as timestamptz), :workerId, cast(:endTime as timestamptz), :outcome,
              :failureKind, :completed, cast(:durationUs as bigint), cast(:userCpuUs as bigint),
              cast(:systemCpuUs as bigint), cast(:peakMemoryBytes as bigint),
              cast(:stdoutBytes as bigint), cast(:stderrBytes as bigint), :truncated
            on conflict (request_key) do nothing
            returning execution_id, procedure_id, version, outcome
          ),
          """
              + ALONG)
  @GetGeneratedKeys("execution_id")
  List<UUID> beginAndEnd(
      @BindMethods("begun") List<AdmissionDao.NewRow> begun, @BindMethods List<Ended> ended);
}
