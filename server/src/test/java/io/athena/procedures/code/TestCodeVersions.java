package io.athena.procedures.code;

import io.athena.procedures.db.AnsweredRequests;
import io.athena.procedures.db.TestDatabase;
import java.time.Clock;
import java.util.Optional;

/** Versions of code that nobody examines. */
public final class TestCodeVersions {
  private TestCodeVersions() {}

  /** In a database, saved by "the caller" unless an author is given. */
  public static CodeVersions on(TestDatabase database) {
    return on(database, Clock.systemUTC());
  }

  /** The same at the time of a clock. */
  public static CodeVersions on(TestDatabase database, Clock clock) {
    return new CodeVersions(
        database.jdbi(),
        clock,
        new AnsweredRequests(database.jdbi(), clock),
        () -> "the caller",
        (procedureId, code, draft) -> Optional.empty());
  }
}
