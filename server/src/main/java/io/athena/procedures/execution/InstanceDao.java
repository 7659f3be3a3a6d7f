package io.athena.procedures.execution;

import io.athena.procedures.v1.Execution;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jdbi.v3.sqlobject.config.RegisterConstructorMapper;
import org.jdbi.v3.sqlobject.config.RegisterRowMapper;
import org.jdbi.v3.sqlobject.customizer.Bind;
import org.jdbi.v3.sqlobject.statement.SqlQuery;
import org.jdbi.v3.sqlobject.statement.SqlUpdate;

/** Servers, and the runs of those that are gone. Times of servers are the database's own. */
interface InstanceDao {
  /** An execution that another server wants ended. */
  record Wanted(UUID executionId, String cancelReason) {}

  @SqlUpdate(
      """
      insert into server_instance (instance_id, start_time, heartbeat_time)
      values (:instanceId, now(), now())
      on conflict (instance_id) do update set heartbeat_time = now()
      """)
  void live(@Bind("instanceId") UUID instanceId);

  @SqlUpdate("delete from server_instance where instance_id = :instanceId")
  void leave(@Bind("instanceId") UUID instanceId);

  /** Forgets servers that were silent for long and have nothing left to recover. */
  @SqlUpdate(
      """
      delete from server_instance i
      where i.heartbeat_time < now() - make_interval(secs => :seconds)
        and not exists (select 1 from execution e
                        where e.instance_id = i.instance_id and e.state = 'RUNNING')
      """)
  void forget(@Bind("seconds") double seconds);

  /** Runs whose server has been silent for long, or has no row. */
  @SqlQuery(
      ExecutionDao.COLUMNS
          + """
           where e.state = 'RUNNING'
            and e.instance_id <> :instanceId
            and not exists (
              select 1 from server_instance i
              where i.instance_id = e.instance_id
                and i.heartbeat_time >= now() - make_interval(secs => :seconds))
          order by e.execution_id
          limit :most
          """)
  @RegisterRowMapper(ExecutionMapper.class)
  List<Execution> lost(
      @Bind("instanceId") UUID instanceId, @Bind("seconds") double seconds, @Bind("most") int most);

  /** Runs of all servers but one. */
  @SqlQuery(
      ExecutionDao.COLUMNS
          + """
           where e.state = 'RUNNING' and e.instance_id <> :instanceId
          order by e.execution_id
          limit :most
          """)
  @RegisterRowMapper(ExecutionMapper.class)
  List<Execution> ofOthers(@Bind("instanceId") UUID instanceId, @Bind("most") int most);

  /** Runs of one server that were admitted before a time. */
  @SqlQuery(
      ExecutionDao.COLUMNS
          + """
           where e.state = 'RUNNING' and e.instance_id = :instanceId and e.create_time < :before
          """)
  @RegisterRowMapper(ExecutionMapper.class)
  List<Execution> ofInstance(@Bind("instanceId") UUID instanceId, @Bind("before") Instant before);

  @SqlQuery(
      """
      select execution_id, cancel_reason from execution
      where instance_id = :instanceId and state = 'RUNNING' and cancel_reason is not null
      """)
  @RegisterConstructorMapper(Wanted.class)
  List<Wanted> wanted(@Bind("instanceId") UUID instanceId);

  /** Removes old executions with their events; how many. */
  @SqlUpdate(
      """
      delete from execution where execution_id in (
        select execution_id from execution
        where state = 'COMPLETED' and end_time < :before
        order by execution_id limit 1000)
      """)
  int purge(@Bind("before") Instant before);
}
