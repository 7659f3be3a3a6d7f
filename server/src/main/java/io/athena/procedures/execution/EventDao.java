package io.athena.procedures.execution;

import com.google.protobuf.ByteString;
import io.athena.procedures.v1.ExecutionEvent;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jdbi.v3.sqlobject.config.RegisterArgumentFactory;
import org.jdbi.v3.sqlobject.config.RegisterColumnMapper;
import org.jdbi.v3.sqlobject.config.RegisterConstructorMapper;
import org.jdbi.v3.sqlobject.customizer.Bind;
import org.jdbi.v3.sqlobject.customizer.BindMethods;
import org.jdbi.v3.sqlobject.statement.SqlBatch;
import org.jdbi.v3.sqlobject.statement.SqlQuery;
import org.jspecify.annotations.Nullable;

/** Stored events of runs. */
@RegisterArgumentFactory(BytesArgument.class)
@RegisterColumnMapper(BytesMapper.class)
interface EventDao {
  /** A row of {@code execution_event}. */
  record StoredEvent(UUID executionId, long sequence, ByteString event) {
    static StoredEvent of(UUID executionId, ExecutionEvent event) {
      return new StoredEvent(executionId, event.getSequence(), event.toByteString());
    }
  }

  /** Where a run stands; the event is the newest stored one. */
  record Standing(
      @Nullable ByteString completed, @Nullable Instant endTime, @Nullable ByteString newest) {}

  /** What a running program's row is told once, for those who look at it from elsewhere. */
  record StartedRow(UUID executionId, Instant startTime, String workerId) {}

  /** Events after a sequence, in order. */
  @SqlQuery(
      """
      select event from execution_event
      where execution_id = :executionId and sequence > :after
      order by sequence
      limit :most
      """)
  List<ByteString> read(
      @Bind("executionId") UUID executionId, @Bind("after") long after, @Bind("most") int most);

  @SqlQuery(
      """
      select e.completed, e.end_time,
             (select event from execution_event v
              where v.execution_id = e.execution_id
              order by sequence desc limit 1) as newest
      from execution e
      where e.execution_id = :executionId
      """)
  @RegisterConstructorMapper(Standing.class)
  @Nullable Standing standing(@Bind("executionId") UUID executionId);

  /** Appends to executions that have not been ended or removed meanwhile. */
  @SqlBatch(
      """
      insert into execution_event (execution_id, sequence, event)
      select :executionId, :sequence, :event
      where exists (
        select 1 from execution where execution_id = :executionId and state = 'RUNNING')
      on conflict do nothing
      """)
  void append(@BindMethods List<StoredEvent> events);

  @SqlBatch(
      """
      update execution set start_time = :startTime, worker_id = :workerId
      where execution_id = :executionId and state = 'RUNNING' and start_time is null
      """)
  void started(@BindMethods List<StartedRow> rows);
}
