package io.athena.procedures.git;

import java.util.List;
import java.util.Optional;
import org.jdbi.v3.sqlobject.config.RegisterConstructorMapper;
import org.jdbi.v3.sqlobject.config.RegisterRowMapper;
import org.jdbi.v3.sqlobject.customizer.BindMethods;
import org.jdbi.v3.sqlobject.statement.SqlBatch;
import org.jdbi.v3.sqlobject.statement.SqlQuery;
import org.jdbi.v3.sqlobject.statement.SqlUpdate;
import org.jspecify.annotations.Nullable;

/** Rows of objects and refs. */
@RegisterRowMapper(StoredObjectMapper.class)
interface GitDao {
  /** A row of a ref. */
  @SuppressWarnings("ArrayRecordComponent") // Never compared.
  record RefRow(String name, byte[] objectId) {}

  /** An object without its content. */
  record Header(int type, int size) {}

  @SqlQuery("select exists (select from procedure where project = :project)")
  boolean hasProcedures(String project);

  @SqlQuery(
      """
      select object_id, type, size, content from git_object
      where project = :project and object_id = :objectId
      """)
  Optional<StoredObject> find(String project, byte[] objectId);

  /**
   * Those of the objects that are there, in the order in which they are asked for, until their
   * content amounts to so many bytes: the one that reaches that is the last.
   */
  @SqlQuery(
      """
      select object_id, type, size, content
      from (
        select o.object_id, o.type, o.size, o.content, w.position,
               sum(octet_length(o.content)) over (order by w.position) - octet_length(o.content)
                 as bytes_before
        from unnest(:objectIds::bytea[]) with ordinality as w (object_id, position)
        join git_object o on o.project = :project and o.object_id = w.object_id) as found
      where bytes_before < :mostBytes
      order by position
      """)
  List<StoredObject> find(String project, ByteaArray objectIds, long mostBytes);

  @SqlQuery(
      """
      select type, size from git_object where project = :project and object_id = :objectId
      """)
  @RegisterConstructorMapper(Header.class)
  Optional<Header> findHeader(String project, byte[] objectId);

  /** Ids from {@code first} to {@code last}, both included. */
  @SqlQuery(
      """
      select object_id from git_object
      where project = :project and object_id between :first and :last
      limit :most
      """)
  List<byte[]> idsBetween(String project, byte[] first, byte[] last, int most);

  /**
   * Of the procedure that a commit is a version of: that commit and those before it, newest first.
   */
  @SqlQuery(
      """
      select o.object_id, o.type, o.size, o.content
      from code_version asked
      join code_version v on v.procedure_id = asked.procedure_id and v.version <= asked.version
      join git_object o on o.project = :project and o.object_id = decode(v.commit_id, 'hex')
      where asked.commit_id = :commitId and asked.commit_id <> '' and v.commit_id <> ''
      order by v.version desc
      limit :most
      """)
  List<StoredObject> history(String project, String commitId, int most);

  /**
   * Adds objects, in the order of their ids so that transactions that add the same ones do not
   * deadlock. One that is there is kept; if it was written more than an hour ago it counts as
   * written now, because maintenance must not take it for one that nobody uses any more. Whoever
   * removes it in this moment is waited for.
   *
   * <p>The look for what is there is a subquery that is not made a join of: a plan that was made
   * while the table was small would join by reading all of it.
   */
  @SqlUpdate(
      """
      insert into git_object (project, object_id, type, size, content)
      select :project, n.object_id, n.type, n.size, n.content
      from unnest(:objectIds::bytea[], :types::smallint[], :sizes::integer[], :contents::bytea[])
        as n (object_id, type, size, content)
      where coalesce((
        select o.write_time <= now() - interval '1 hour' from git_object o
        where o.project = :project and o.object_id = n.object_id), true)
      order by n.object_id
      on conflict (project, object_id) do update set write_time = excluded.write_time
      where git_object.write_time <= excluded.write_time - interval '1 hour'
      """)
  void insert(
      String project,
      ByteaArray objectIds,
      List<Integer> types,
      List<Integer> sizes,
      ByteaArray contents);

  @SqlQuery("select name, object_id from git_ref where project = :project and name = :name")
  @RegisterConstructorMapper(RefRow.class)
  Optional<RefRow> findRef(String project, String name);

  @SqlQuery(
      """
      select name, object_id from git_ref where project = :project and name = any(:names)
      """)
  @RegisterConstructorMapper(RefRow.class)
  List<RefRow> findRefs(String project, List<String> names);

  /** Branches before tags, because of their names. */
  @SqlQuery("select object_id from git_ref where project = :project order by name")
  List<byte[]> refTargets(String project);

  /** By name: from {@code first}, included, to {@code end}, excluded. */
  @SqlQuery(
      """
      select name, object_id from git_ref
      where project = :project and name >= :first and name < :end
      order by name
      limit :most
      """)
  @RegisterConstructorMapper(RefRow.class)
  List<RefRow> refsBetween(String project, String first, String end, int most);

  /** Makes refs; the names of those that were not there. */
  @SqlQuery(
      """
      insert into git_ref (project, name, object_id)
      select :project, n.name, n.object_id
      from unnest(:names::text[], :objectIds::bytea[]) as n (name, object_id)
      on conflict (project, name) do nothing
      returning name
      """)
  List<String> create(String project, List<String> names, ByteaArray objectIds);

  /** A ref that is where it is expected to be, and where it is to be; null for no more. */
  @SuppressWarnings("ArrayRecordComponent") // Never compared.
  record Move(String name, byte[] from, byte @Nullable [] to) {}

  /** One for each that was where it was expected to be. */
  @SqlBatch(
      """
      update git_ref set object_id = :to
      where project = :project and name = :name and object_id = :from
      """)
  int[] move(String project, @BindMethods List<Move> moves);

  /** One for each that was where it was expected to be. */
  @SqlBatch(
      """
      delete from git_ref where project = :project and name = :name and object_id = :from
      """)
  int[] delete(String project, @BindMethods List<Move> moves);
}
