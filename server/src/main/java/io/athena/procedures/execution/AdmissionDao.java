package io.athena.procedures.execution;

import com.google.protobuf.ByteString;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jdbi.v3.sqlobject.config.RegisterArgumentFactory;
import org.jdbi.v3.sqlobject.config.RegisterColumnMapper;
import org.jdbi.v3.sqlobject.config.RegisterConstructorMapper;
import org.jdbi.v3.sqlobject.customizer.Bind;
import org.jdbi.v3.sqlobject.statement.SqlQuery;
import org.jdbi.v3.sqlobject.statement.SqlUpdate;

/** Executions up to the start of their programs, but for what every run writes: {@link RunRows}. */
@RegisterArgumentFactory(BytesArgument.class)
@RegisterColumnMapper(BytesMapper.class)
interface AdmissionDao {
  /** A claimed execution. */
  record Claimed(
      UUID executionId,
      ByteString request,
      long procedureId,
      String procedureName,
      String project,
      int version,
      String commitId,
      ByteString parameters,
      ByteString limits,
      Instant createTime) {}

  /** Frees a request_id that has become old. */
  @SqlUpdate(
      """
      update execution
      set request_key = null
      where request_key = :requestId and create_time < :before
      """)
  int release(@Bind("requestId") String requestId, @Bind("before") Instant before);

  /** Removes an execution whose program was not started. */
  @SqlUpdate("delete from execution where execution_id = :executionId and state = 'RUNNING'")
  int remove(@Bind("executionId") UUID executionId);

  @SqlUpdate("insert into execution_queue (execution_id, request) values (:executionId, :request)")
  void enqueue(@Bind("executionId") UUID executionId, @Bind("request") ByteString request);

  /** Puts a claimed execution back, since no worker would take it. */
  @SqlUpdate(
      """
      with waiting as (
        update execution set state = 'QUEUED', instance_id = null
        where execution_id = :executionId and state = 'RUNNING'
        returning execution_id
      )
      insert into execution_queue (execution_id, request)
      select execution_id, :request from waiting
      """)
  int putBack(@Bind("executionId") UUID executionId, @Bind("request") ByteString request);

  /** Takes the oldest waiting executions; no other server gets the same ones. */
  @SqlQuery(
      """
      with claimed as (
        delete from execution_queue
        where execution_id in (
          select execution_id from execution_queue waiting
          where not exists (
            select 1 from execution
            where execution_id = waiting.execution_id and project = any(:exceptProjects))
          order by execution_id limit :most
          for update skip locked)
        returning execution_id, request
      )
      update execution set state = 'RUNNING', instance_id = :instanceId
      from claimed
      where execution.execution_id = claimed.execution_id and execution.state = 'QUEUED'
      returning execution.execution_id, claimed.request, execution.procedure_id,
                execution.procedure_name, execution.project, execution.version, execution.commit_id,
                execution.parameters, execution.limits, execution.create_time
      """)
  @RegisterConstructorMapper(Claimed.class)
  List<Claimed> claim(
      @Bind("instanceId") UUID instanceId,
      @Bind("most") int most,
      @Bind("exceptProjects") List<String> exceptProjects);

  /** Takes a waiting execution out of the queue, to end it. */
  @SqlUpdate("delete from execution_queue where execution_id = :executionId")
  int unqueue(@Bind("executionId") UUID executionId);
}
