package io.athena.procedures.execution;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Struct;
import io.athena.procedures.db.Times;
import io.athena.procedures.v1.Execution;
import io.athena.procedures.v1.ExecutionEvent;
import io.athena.procedures.v1.ExecutionLimits;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import org.jdbi.v3.core.mapper.RowMapper;
import org.jdbi.v3.core.statement.StatementContext;
import org.jspecify.annotations.Nullable;

/** A row as the API shows it. */
public final class ExecutionMapper implements RowMapper<Execution> {
  /** For Jdbi. */
  public ExecutionMapper() {}

  @Override
  public Execution map(ResultSet row, StatementContext context) throws SQLException {
    Execution.Builder execution =
        Execution.newBuilder()
            .setExecutionId(row.getString("execution_id"))
            .setProcedureId(row.getLong("procedure_id"))
            .setProcedureName(row.getString("procedure_name"))
            .setProject(row.getString("project"))
            .setVersion(row.getInt("version"))
            .setCommitId(row.getString("commit_id"))
            .setState(Names.state(row.getString("state")))
            .setWorkerId(row.getString("worker_id"))
            .setRequestId(row.getString("request_id"))
            .setLastSequence(row.getLong("last_sequence"))
            .setOutputBytes(row.getLong("stdout_bytes") + row.getLong("stderr_bytes"))
            .setStoredOutputTruncated(row.getBoolean("stored_output_truncated"));
    Instant created = instant(row, "create_time");
    if (created != null) {
      execution.setCreateTime(Times.toProto(created));
    }
    Instant started = instant(row, "start_time");
    if (started != null) {
      execution.setStartTime(Times.toProto(started));
    }
    Instant ended = instant(row, "end_time");
    if (ended != null) {
      execution.setEndTime(Times.toProto(ended));
    }
    try {
      execution
          .setParameters(Struct.parseFrom(row.getBytes("parameters")))
          .setLimits(ExecutionLimits.parseFrom(row.getBytes("limits")));
      byte[] completed = row.getBytes("completed");
      if (completed != null) {
        complete(execution, ExecutionEvent.Completed.parseFrom(completed));
      }
    } catch (InvalidProtocolBufferException damaged) {
      throw new SQLException("a stored execution cannot be read", damaged);
    }
    return execution.build();
  }

  private static void complete(Execution.Builder execution, ExecutionEvent.Completed completed) {
    execution.setOutcome(completed.getOutcome());
    if (completed.hasResult()) {
      execution.setResult(completed.getResult());
    }
    if (completed.hasFailure()) {
      execution.setFailure(completed.getFailure());
    }
    if (completed.hasUsage()) {
      execution.setUsage(completed.getUsage());
    }
    if (completed.hasDuration()) {
      execution.setDuration(completed.getDuration());
    }
  }

  private static @Nullable Instant instant(ResultSet row, String column) throws SQLException {
    OffsetDateTime time = row.getObject(column, OffsetDateTime.class);
    return time == null ? null : time.toInstant();
  }
}
