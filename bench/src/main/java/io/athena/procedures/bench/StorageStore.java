package io.athena.procedures.bench;

import io.athena.procedures.code.CodeJudge;
import io.athena.procedures.code.CodeVersions;
import io.athena.procedures.db.AnsweredRequests;
import io.athena.procedures.db.Database;
import io.athena.procedures.db.DatabaseStartException;
import io.athena.procedures.procedure.Procedures;
import io.athena.procedures.v1.DiffProcedureVersionsRequest;
import io.athena.procedures.v1.GetProcedureVersionRequest;
import io.athena.procedures.v1.ListProcedureVersionsRequest;
import io.athena.procedures.v1.Procedure;
import io.athena.procedures.v1.RememberProcedureRequest;
import io.athena.procedures.v1.RollbackProcedureCodeRequest;
import io.athena.procedures.v1.SaveProcedureCodeRequest;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Optional;

/**
 * The service's storage alone, in this process: what the server does for a call without the
 * network, and without the examination of code before a save, which the local repository does not
 * do either.
 */
final class StorageStore implements VersionStore {
  private final Database database;
  private final Procedures procedures;
  private final CodeVersions versions;
  private final long procedureId;

  StorageStore(Path directory, Procedure procedure) throws DatabaseStartException {
    database = Database.embedded(directory);
    Clock clock = Clock.systemUTC();
    AnsweredRequests answered = new AnsweredRequests(database.jdbi(), clock);
    procedures =
        new Procedures(
            database.jdbi(), clock, answered, (handle, id) -> false, CodeVersions::remove);
    versions =
        new CodeVersions(
            database.jdbi(),
            clock,
            answered,
            () -> "bench",
            (id, code, draft) -> new CodeJudge.Verdict(Optional.empty(), ""));
    procedureId = remember(procedure);
  }

  /** Adds a procedure; its id. */
  long remember(Procedure procedure) {
    return procedures
        .remember(RememberProcedureRequest.newBuilder().setProcedure(procedure).build())
        .getProcedureId();
  }

  void save(long id, String code) {
    versions.save(SaveProcedureCodeRequest.newBuilder().setProcedureId(id).setCode(code).build());
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
  public String name() {
    return "storage alone: no network, no validation";
  }

  @Override
  public void save(String code) {
    save(procedureId, code);
  }

  @Override
  public int list(int most) {
    return versions
        .list(
            ListProcedureVersionsRequest.newBuilder()
                .setProcedureId(procedureId)
                .setPageSize(most)
                .build())
        .rows()
        .size();
  }

  @Override
  public String get(int version) {
    return versions
        .get(
            GetProcedureVersionRequest.newBuilder()
                .setProcedureId(procedureId)
                .setVersion("v" + version)
                .build())
        .getCode();
  }

  @Override
  public String diff(int from, int to) {
    return versions
        .diff(
            DiffProcedureVersionsRequest.newBuilder()
                .setProcedureId(procedureId)
                .setFromVersion("v" + from)
                .setToVersion("v" + to)
                .build())
        .getDiff();
  }

  @Override
  public void rollback(int version) {
    versions.rollback(
        RollbackProcedureCodeRequest.newBuilder()
            .setProcedureId(procedureId)
            .setTargetVersion("v" + version)
            .build());
  }

  @Override
  public void close() {
    database.close();
  }
}
