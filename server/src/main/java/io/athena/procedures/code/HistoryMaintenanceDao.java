package io.athena.procedures.code;

import java.util.List;
import org.eclipse.jgit.lib.ObjectId;
import org.jdbi.v3.sqlobject.config.RegisterConstructorMapper;
import org.jdbi.v3.sqlobject.statement.SqlQuery;
import org.jdbi.v3.sqlobject.statement.SqlUpdate;

/** Rows of commits that were forgotten. */
interface HistoryMaintenanceDao {
  /** A commit that no ref leads to. */
  @SuppressWarnings("ArrayRecordComponent") // Never compared.
  record Forgotten(String project, byte[] objectId) {
    ObjectId commit() {
      return ObjectId.fromRaw(objectId);
    }
  }

  /** Notes the commits of a procedure that is being forgotten; the time is the transaction's. */
  @SqlUpdate(
      """
      insert into forgotten_commit (project, object_id, version)
      select p.project, decode(v.commit_id, 'hex'), v.version
      from code_version v join procedure p using (procedure_id)
      where v.procedure_id = :procedureId and v.commit_id <> ''
      on conflict (project, object_id) do update set forget_time = excluded.forget_time
      """)
  void note(long procedureId);

  /** True if no other server does this now; until the end of the transaction none will. */
  @SqlQuery("select pg_try_advisory_xact_lock(hashtextextended('athena history maintenance', 0))")
  boolean tryLock();

  /**
   * Commits of one project that were forgotten so long ago. Of a history the newest first, because
   * a commit can go only with those that come after it.
   */
  @SqlQuery(
      """
      with due as (
        select project, object_id, version, forget_time from forgotten_commit
        where forget_time < now() - make_interval(secs => :graceSeconds))
      select project, object_id from due
      where project = (select min(project) from due)
      order by forget_time, version desc, object_id
      limit :most
      """)
  @RegisterConstructorMapper(Forgotten.class)
  List<Forgotten> due(long graceSeconds, int most);

  /** They have been dealt with. */
  @SqlUpdate(
      """
      delete from forgotten_commit f
      using (
        select object_id from forgotten_commit
        where project = :project and forget_time < now() - make_interval(secs => :graceSeconds)
        order by forget_time, version desc, object_id
        limit :most) as due
      where f.project = :project and f.object_id = due.object_id
      """)
  int settle(String project, long graceSeconds, int most);
}
