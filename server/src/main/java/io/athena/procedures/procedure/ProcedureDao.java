package io.athena.procedures.procedure;

import io.athena.procedures.v1.Procedure;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.sqlobject.config.RegisterConstructorMapper;
import org.jdbi.v3.sqlobject.config.RegisterRowMapper;
import org.jdbi.v3.sqlobject.statement.SqlQuery;
import org.jdbi.v3.sqlobject.statement.SqlUpdate;

/** Rows of procedures. */
@RegisterRowMapper(ProcedureMapper.class)
interface ProcedureDao {
  String COLUMNS =
      """
      p.procedure_id, p.project, p.name, p.category, p.description, p.definition::text as definition,
      p.created_by, p.create_time, p.update_time, p.revision, p.current_version,
      coalesce(v.commit_id, '') as current_commit_id, coalesce(c.confidence, 0) as confidence,
      t.usage_count, t.success_count
      """;

  /**
   * A procedure p, its current version v, the confidence c in it, and the runs t of all versions.
   */
  String FROM =
      """
      from procedure p
      left join code_version v on v.procedure_id = p.procedure_id and v.version = p.current_version
      left join version_stats c
        on c.procedure_id = p.procedure_id and c.version = p.current_version and c.version > 0
      cross join lateral (
        select coalesce(sum(s.success_count + s.failure_count
                              - s.inherited_success_count - s.inherited_failure_count), 0)
                 as usage_count,
               coalesce(sum(s.success_count - s.inherited_success_count), 0) as success_count
        from version_stats s where s.procedure_id = p.procedure_id) t
      """;

  String SELECT = "select " + COLUMNS + FROM;

  /** Empty if the name is taken. */
  @SqlQuery(
      """
      insert into procedure (project, name, category, description, definition, steps_text,
                             created_by, create_time, update_time)
      values (:project, :name, :category, :description, :definition::json, :stepsText,
              :createdBy, :now, :now)
      on conflict (project, name) do nothing
      returning procedure_id
      """)
  Optional<Long> insert(
      String project,
      String name,
      String category,
      String description,
      String definition,
      String stepsText,
      String createdBy,
      Instant now);

  @SqlUpdate(
      """
      update procedure
      set name = :name, category = :category, description = :description,
          definition = :definition::json, steps_text = :stepsText, update_time = :now,
          revision = revision + 1
      where procedure_id = :procedureId
      """)
  void update(
      long procedureId,
      String name,
      String category,
      String description,
      String definition,
      String stepsText,
      Instant now);

  @SqlUpdate("delete from procedure where procedure_id = :procedureId")
  void delete(long procedureId);

  /**
   * Keeps others from changing a procedure until the end of the transaction; empty if there is
   * none. Runs can be admitted meanwhile: their rows only need it to exist.
   */
  @SqlQuery(
      """
      select true from procedure where procedure_id = :procedureId for no key update
      """)
  Optional<Boolean> lock(long procedureId);

  /** The same, and no run can be admitted meanwhile. */
  @SqlQuery(
      """
      select true from procedure where procedure_id = :procedureId for update
      """)
  Optional<Boolean> lockToRemove(long procedureId);

  @SqlQuery(SELECT + "where p.procedure_id = :procedureId")
  Optional<Procedure> find(long procedureId);

  @SqlQuery(SELECT + "where p.project = :project and p.name = :name")
  Optional<Procedure> findByName(String project, String name);

  /** By id; an empty category stands for all. */
  @SqlQuery(
      SELECT
          + """
          where p.project = :project and (:category = '' or p.category = :category)
            and p.procedure_id > :after
          order by p.procedure_id
          limit :most
          """)
  List<Procedure> list(String project, String category, long after, int most);

  /** Those with code, highest confidence first, then by id; after the given position. */
  @SqlQuery(
      SELECT
          + """
          where p.project = :project and c.confidence >= :minConfidence
            and (c.confidence < :afterConfidence
                 or (c.confidence = :afterConfidence and p.procedure_id > :afterId))
          order by c.confidence desc, p.procedure_id
          limit :most
          """)
  List<Procedure> listByConfidence(
      String project, double minConfidence, double afterConfidence, long afterId, int most);

  /** Names that look like one, most similar first. */
  @SqlQuery(
      """
      select name from procedure
      where project = :project and similarity(name, :name) >= 0.2
      order by similarity(name, :name) desc, procedure_id
      limit 5
      """)
  List<String> similarNames(String project, String name);

  /** What there is of procedures. */
  record Range(long count, long lowest, long highest) {}

  @SqlQuery(
      """
      select count(*) as count, coalesce(min(procedure_id), 0) as lowest,
             coalesce(max(procedure_id), 0) as highest
      from procedure
      """)
  @RegisterConstructorMapper(Range.class)
  Range range();

  @SqlQuery("select count(*) from procedure where project = :project")
  long countIn(String project);
}
