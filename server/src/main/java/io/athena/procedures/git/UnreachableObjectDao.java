package io.athena.procedures.git;

import java.util.List;
import java.util.stream.Stream;
import org.jdbi.v3.sqlobject.config.RegisterRowMapper;
import org.jdbi.v3.sqlobject.customizer.FetchSize;
import org.jdbi.v3.sqlobject.statement.SqlQuery;
import org.jdbi.v3.sqlobject.statement.SqlUpdate;

/** Rows that maintenance looks at. */
@RegisterRowMapper(StoredObjectMapper.class)
interface UnreachableObjectDao {
  /** Those of the commits that a ref points to. */
  @SqlQuery(
      """
      select distinct object_id from git_ref
      where project = :project and object_id = any(:commits)
      """)
  List<byte[]> refTargets(String project, ByteaArray commits);

  /** All of a repository, a part at a time. To be closed. */
  @SqlQuery(
      """
      select object_id, type, size, content from git_object
      where project = :project and type in (1, 2)
      """)
  @FetchSize(1_000)
  Stream<StoredObject> commitsAndTrees(String project);

  /** Locks rows in the order in which writers do. */
  @SqlUpdate(
      """
      with old as (
        select object_id from git_object
        where project = :project and object_id = any(:objectIds)
          and write_time < now() - make_interval(secs => :unusedSeconds)
        order by object_id
        for update)
      delete from git_object o using old
      where o.project = :project and o.object_id = old.object_id
      """)
  int delete(String project, ByteaArray objectIds, long unusedSeconds);
}
