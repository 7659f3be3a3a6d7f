package io.athena.procedures.code;

import java.util.List;
import java.util.Optional;
import org.jdbi.v3.sqlobject.config.RegisterConstructorMapper;
import org.jdbi.v3.sqlobject.statement.SqlQuery;
import org.jdbi.v3.sqlobject.statement.SqlUpdate;

/** Names of versions: tags, and hashes of commits. */
interface VersionNameDao {
  /** The commit of a version. */
  record Commit(int version, String commitId) {}

  @SqlQuery("select version from version_tag where procedure_id = :procedureId and tag = :tag")
  Optional<Integer> byTag(long procedureId, String tag);

  /** A tag that differs from another only in capitals. */
  @SqlQuery(
      """
      select tag from version_tag
      where procedure_id = :procedureId and lower(tag) = lower(:tag) and tag <> :tag
      limit 1
      """)
  Optional<String> likeTag(long procedureId, String tag);

  /** Commits with hashes from {@code first}, included, to {@code last}, excluded. */
  @SqlQuery(
      """
      select version, commit_id from code_version
      where procedure_id = :procedureId
        and commit_id <> '' and commit_id >= :first and commit_id < :last
      order by version
      limit :most
      """)
  @RegisterConstructorMapper(Commit.class)
  List<Commit> byCommit(long procedureId, String first, String last, int most);

  /** Some procedure that has such a commit. */
  @SqlQuery(
      """
      select procedure_id from code_version
      where commit_id <> '' and commit_id >= :first and commit_id < :last
      limit 1
      """)
  Optional<Long> procedureWithCommit(String first, String last);

  @SqlQuery("select count(*) from version_tag where procedure_id = :procedureId")
  int count(long procedureId);

  /** One if the tag was free. */
  @SqlUpdate(
      """
      insert into version_tag (procedure_id, tag, version) values (:procedureId, :tag, :version)
      on conflict (procedure_id, tag) do nothing
      """)
  int insert(long procedureId, String tag, int version);

  /** One if the tag was at the version it is taken from. */
  @SqlUpdate(
      """
      update version_tag set version = :version
      where procedure_id = :procedureId and tag = :tag and version = :from
      """)
  int move(long procedureId, String tag, int from, int version);

  /** One if the tag was at the version. */
  @SqlUpdate(
      """
      delete from version_tag
      where procedure_id = :procedureId and tag = :tag and version = :version
      """)
  int delete(long procedureId, String tag, int version);
}
