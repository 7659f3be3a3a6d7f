package io.athena.procedures.bench;

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

/** The service's storage without the network: what the server does for a call, in this process. */
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
    versions = new CodeVersions(database.jdbi(), clock, answered, () -> "bench");
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

  @Override
  public String name() {
    return "service's storage, without network";
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
