package io.athena.procedures.code;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.sqlobject.config.RegisterConstructorMapper;
import org.jdbi.v3.sqlobject.statement.SqlQuery;
import org.jdbi.v3.sqlobject.statement.SqlUpdate;

/** Rows of versions that have no commit yet. */
interface HistoryUpgradeDao {
  /** A version that has no commit. */
  record Row(String code, String author, String message, Instant createTime) {}

  @SqlQuery(
      """
      select distinct procedure_id from code_version where commit_id = '' order by 1 limit :most
      """)
  List<Long> proceduresOutsideGit(int most);

  /** Smallest first. */
  @SqlQuery(
      """
      select version from code_version
      where procedure_id = :procedureId and commit_id = ''
      order by version
      """)
  List<Integer> versionsOutsideGit(long procedureId);

  @SqlQuery(
      """
      select code, author, message, create_time from code_version
      where procedure_id = :procedureId and version = :version and commit_id = ''
      """)
  @RegisterConstructorMapper(Row.class)
  Row row(long procedureId, int version);

  /** The commit of a version; empty if there is no such version. */
  @SqlQuery(
      """
      select commit_id from code_version where procedure_id = :procedureId and version = :version
      """)
  Optional<String> commit(long procedureId, int version);

  /** One if the version had no commit. */
  @SqlUpdate(
      """
      update code_version set commit_id = :commitId, code_object = :codeObject, code = null
      where procedure_id = :procedureId and version = :version and commit_id = ''
      """)
  int move(long procedureId, int version, String commitId, byte[] codeObject);
}
