package io.athena.procedures.transfer;

import org.jdbi.v3.sqlobject.statement.SqlQuery;

/** What imports need of the database themselves. */
interface ImportDao {
  /**
   * Waits until no other import of all or nothing writes to a project, until the transaction ends:
   * two that meet in different orders would else undo each other for ever.
   */
  @SqlQuery(
      """
      select true
      from (select pg_advisory_xact_lock(hashtextextended('athena import ' || :project, 0))) as locked
      """)
  boolean enter(String project);
}
