package io.athena.procedures.validation;

import java.time.Instant;
import java.util.Optional;
import org.jdbi.v3.sqlobject.config.RegisterConstructorMapper;
import org.jdbi.v3.sqlobject.statement.SqlQuery;
import org.jdbi.v3.sqlobject.statement.SqlUpdate;

/** Rows of projects' own policies. */
interface PolicyDao {
  /** A policy as its owner wrote it. */
  record Row(String document, Instant updateTime, String updatedBy, long revision) {}

  @SqlQuery(
      """
      select document::text as document, update_time, updated_by, revision
      from validation_policy where project = :project
      """)
  @RegisterConstructorMapper(Row.class)
  Optional<Row> find(String project);

  @SqlUpdate(
      """
      insert into validation_policy (project, document, update_time, updated_by)
      values (:project, cast(:document as json), :now, :updatedBy)
      on conflict (project) do update
      set document = excluded.document, update_time = excluded.update_time,
          updated_by = excluded.updated_by, revision = excluded.revision
      """)
  void put(String project, String document, Instant now, String updatedBy);

  @SqlUpdate("delete from validation_policy where project = :project")
  void remove(String project);
}
