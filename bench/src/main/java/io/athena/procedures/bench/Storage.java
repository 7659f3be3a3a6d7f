package io.athena.procedures.bench;

import io.athena.procedures.code.CodeVersions;
import io.athena.procedures.db.AnsweredRequests;
import io.athena.procedures.db.Database;
import io.athena.procedures.db.DatabaseStartException;
import io.athena.procedures.procedure.Procedures;
import io.athena.procedures.v1.Procedure;
import io.athena.procedures.v1.RememberProcedureRequest;
import io.athena.procedures.v1.SaveProcedureCodeRequest;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Optional;

/**
 * The service's storage in this process, on a directory of its own: no network, and no examination
 * of code before it is saved. Thread-safe.
 */
final class Storage implements AutoCloseable {
  private final Database database;
  private final Procedures procedures;
  private final CodeVersions versions;

  Storage(Path directory) throws DatabaseStartException {
    database = Database.embedded(directory);
    Clock clock = Clock.systemUTC();
    AnsweredRequests answered = new AnsweredRequests(database.jdbi(), clock);
    procedures =
        new Procedures(
            database.jdbi(), clock, answered, (handle, id) -> false, CodeVersions::remove);
    versions =
        new CodeVersions(
            database.jdbi(), clock, answered, () -> "bench", (id, code, draft) -> Optional.empty());
  }

  CodeVersions versions() {
    return versions;
  }

  /** Adds a procedure; its id. */
  long remember(Procedure procedure) {
    return procedures
        .remember(RememberProcedureRequest.newBuilder().setProcedure(procedure).build())
        .getProcedureId();
  }

  void save(long id, String code, String message) {
    versions.save(
        SaveProcedureCodeRequest.newBuilder()
            .setProcedureId(id)
            .setCode(code)
            .setMessage(message)
            .build());
  }

  /** Does what PostgreSQL would do some time after much was added, so that it is not in the way. */
  void settle() {
    database
        .jdbi()
        .useHandle(handle -> {
          handle.execute("vacuum analyze");
          handle.execute("checkpoint");
        });
  }

  /** What PostgreSQL has written to its log so far, in bytes. */
  long logBytes() {
    return database
        .jdbi()
        .withHandle(handle ->
            handle
                .createQuery("select pg_current_wal_insert_lsn() - pg_lsn '0/0'")
                .mapTo(Long.class)
                .one());
  }

  @Override
  public void close() {
    database.close();
  }
}
