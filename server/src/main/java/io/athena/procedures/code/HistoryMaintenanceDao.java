package io.athena.procedures.code;

import java.util.List;
import org.jdbi.v3.sqlobject.config.RegisterConstructorMapper;
import org.jdbi.v3.sqlobject.statement.SqlQuery;

/** Finds what maintenance may remove. */
interface HistoryMaintenanceDao {
  /** A commit that is no version's. */
  @SuppressWarnings("ArrayRecordComponent") // Never compared.
  record Candidate(String project, byte[] objectId) {}

  /**
   * Old commits that are no version's: a branch holds the commits of versions and no others. Newest
   * first, because a commit can go only with those that come after it.
   */
  @SqlQuery(
      """
      select o.project, o.object_id from git_object o
      where o.type = 1 and o.write_time < now() - make_interval(secs => :graceSeconds)
        and not exists (
          select from code_version v
          where v.commit_id = encode(o.object_id, 'hex') and v.commit_id <> '')
      order by o.project, o.write_time desc
      limit :most
      """)
  @RegisterConstructorMapper(Candidate.class)
  List<Candidate> candidates(long graceSeconds, int most);
}
