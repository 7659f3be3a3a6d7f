package io.athena.procedures.execution;

import io.athena.procedures.v1.Execution;
import java.util.List;
import java.util.UUID;
import org.jdbi.v3.sqlobject.config.RegisterRowMapper;
import org.jdbi.v3.sqlobject.customizer.Bind;
import org.jdbi.v3.sqlobject.statement.SqlQuery;
import org.jdbi.v3.sqlobject.statement.SqlUpdate;
import org.jspecify.annotations.Nullable;

/** Reads executions. */
@RegisterRowMapper(ExecutionMapper.class)
interface ExecutionDao {
  String COLUMNS =
      """
      select e.*,
             coalesce((select max(v.sequence) from execution_event v
                       where v.execution_id = e.execution_id), 0) as last_sequence
      from execution e
      """;

  @SqlQuery(COLUMNS + " where e.execution_id = :executionId")
  @Nullable Execution find(@Bind("executionId") UUID executionId);

  /** Newest first, those before an id. Empty filters let all through. */
  @SqlQuery(
      COLUMNS
          + """
           where e.procedure_id = :procedureId
            and e.execution_id < :before
            and (:state = '' or e.state = :state)
            and (:outcome = '' or e.outcome = :outcome)
          order by e.execution_id desc
          limit :most
          """)
  List<Execution> ofProcedure(
      @Bind("procedureId") long procedureId,
      @Bind("before") UUID before,
      @Bind("state") String state,
      @Bind("outcome") String outcome,
      @Bind("most") int most);

  /** As {@link #ofProcedure}, of all procedures of a project. */
  @SqlQuery(
      COLUMNS
          + """
           where e.project = :project
            and e.execution_id < :before
            and (:state = '' or e.state = :state)
            and (:outcome = '' or e.outcome = :outcome)
          order by e.execution_id desc
          limit :most
          """)
  List<Execution> ofProject(
      @Bind("project") String project,
      @Bind("before") UUID before,
      @Bind("state") String state,
      @Bind("outcome") String outcome,
      @Bind("most") int most);

  @SqlQuery("select exists (select 1 from procedure where procedure_id = :procedureId)")
  boolean procedureExists(@Bind("procedureId") long procedureId);

  /** Asks the server that runs it to end an execution. */
  @SqlUpdate(
      """
      update execution set cancel_reason = coalesce(cancel_reason, :reason)
      where execution_id = :executionId and state = 'RUNNING'
      """)
  int askForEnd(@Bind("executionId") UUID executionId, @Bind("reason") String reason);
}
