package io.athena.procedures.execution;

import com.google.protobuf.ByteString;
import io.athena.procedures.db.DirectStatement;
import io.athena.procedures.db.DirectStatement.Arguments;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.stream.IntStream;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/** What is written of every run: its row when it begins, and what comes with its end. */
final class RunRows {
  /** A row to be. */
  record NewRow(
      UUID executionId,
      long procedureId,
      String procedureName,
      String project,
      int version,
      String commitId,
      String state,
      @Nullable UUID instanceId,
      String requestId,
      @Nullable String requestKey,
      ByteString requestHash,
      ByteString parameters,
      ByteString limits,
      Instant createTime) {}

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

  /** A run that has ended before it had a row. */
  record Whole(NewRow begun, Ended ended) {}

  /** What the end of a run brings with it, given the row that has {@code ended}. */
  private static final String ALONG =
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
              stats.success_count + excluded.success_count + stats.example_run_count,
              stats.failure_count + excluded.failure_count
                - stats.no_fault_count - excluded.no_fault_count,
              stats.step_coverage, stats.prior_odds) end
      returning (select execution_id from ended) as execution_id
      """;

  private static final DirectStatement BEGIN =
      DirectStatement.of(
          """
          insert into execution (
            execution_id, procedure_id, procedure_name, project, version, commit_id, state, instance_id,
            request_id, request_key, request_hash, parameters, limits, create_time)
          select
            :executionId, :procedureId, :procedureName, :project, :version, :commitId, :state,
            cast(:instanceId as uuid), :requestId, :requestKey, :requestHash, :parameters, :limits,
            cast(:createTime as timestamptz)
          on conflict (request_key) do nothing
          """);

  private static final DirectStatement END =
      DirectStatement.of(
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
              + ALONG);

  private static final DirectStatement BEGIN_AND_END =
      DirectStatement.of(
          """
          with ended as (
            insert into execution (
              execution_id, procedure_id, procedure_name, project, version, commit_id, state,
              instance_id, request_id, request_key, request_hash, parameters, limits, create_time,
              start_time, worker_id, end_time, outcome, failure_kind, completed, duration_us,
              user_cpu_us, system_cpu_us, peak_memory_bytes, stdout_bytes, stderr_bytes,
              stored_output_truncated)
            select
              :executionId, :procedureId, :procedureName, :project,
              :version, :commitId, :state, cast(:instanceId as uuid),
              :requestId, :requestKey, :requestHash, :parameters,
              :limits, cast(:createTime as timestamptz),
              cast(:startTime as timestamptz), :workerId, cast(:endTime as timestamptz), :outcome,
              :failureKind, :completed, cast(:durationUs as bigint), cast(:userCpuUs as bigint),
              cast(:systemCpuUs as bigint), cast(:peakMemoryBytes as bigint),
              cast(:stdoutBytes as bigint), cast(:stderrBytes as bigint), :truncated
            on conflict (request_key) do nothing
            returning execution_id, procedure_id, version, outcome
          ),
          """
              + ALONG);

  private static final String RETURNED = "execution_id";

  private RunRows() {}

  /** Makes rows; true for each whose request_key was not taken. */
  static List<Boolean> begin(Handle handle, List<NewRow> rows) {
    int[] counts = BEGIN.counts(handle, rows, row -> arguments -> bind(arguments, row));
    return IntStream.of(counts).mapToObj(count -> count == 1).toList();
  }

  /**
   * Ends rows, each with its events and its share in the statistics of the version and the
   * confidence in it; the ids of those that neither another had ended nor are gone.
   */
  static List<UUID> end(Handle handle, List<Ended> rows) {
    return END.all(
        handle,
        rows,
        row ->
            arguments -> {
              arguments.bind("executionId", row.executionId()).bind("fromState", row.fromState());
              bind(arguments, row);
            },
        RETURNED,
        RunRows::id);
  }

  /**
   * Makes rows of runs that have ended before they had one, as {@link #begin} and {@link #end}
   * would; the ids of those whose request_key was not taken.
   */
  static List<UUID> beginAndEnd(Handle handle, List<Whole> runs) {
    return BEGIN_AND_END.all(
        handle,
        runs,
        run ->
            arguments -> {
              bind(arguments, run.begun());
              bind(arguments, run.ended());
            },
        RETURNED,
        RunRows::id);
  }

  private static void bind(Arguments arguments, NewRow row) throws SQLException {
    arguments
        .bind("executionId", row.executionId())
        .bind("procedureId", row.procedureId())
        .bind("procedureName", row.procedureName())
        .bind("project", row.project())
        .bind("version", row.version())
        .bind("commitId", row.commitId())
        .bind("state", row.state())
        .bind("instanceId", row.instanceId())
        .bind("requestId", row.requestId())
        .bind("requestKey", row.requestKey())
        .bind("requestHash", row.requestHash())
        .bind("parameters", row.parameters())
        .bind("limits", row.limits())
        .bind("createTime", row.createTime());
  }

  /** All but which row it is. */
  private static void bind(Arguments arguments, Ended row) throws SQLException {
    arguments
        .bind("startTime", row.startTime())
        .bind("workerId", row.workerId())
        .bind("endTime", row.endTime())
        .bind("outcome", row.outcome())
        .bind("failureKind", row.failureKind())
        .bind("completed", row.completed())
        .bind("durationUs", row.durationUs())
        .bind("userCpuUs", row.userCpuUs())
        .bind("systemCpuUs", row.systemCpuUs())
        .bind("peakMemoryBytes", row.peakMemoryBytes())
        .bind("stdoutBytes", row.stdoutBytes())
        .bind("stderrBytes", row.stderrBytes())
        .bind("truncated", row.truncated())
        .bind("sequences", "bigint", row.sequences().toArray())
        .bind(
            "events",
            "bytea",
            row.events().stream().map(ByteString::toByteArray).toArray(byte[][]::new))
        .bind("noFault", row.noFault());
  }

  private static UUID id(ResultSet row) throws SQLException {
    return row.getObject(RETURNED, UUID.class);
  }
}
