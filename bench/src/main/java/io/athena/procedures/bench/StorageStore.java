package io.athena.procedures.bench;

import io.athena.procedures.v1.DiffProcedureVersionsRequest;
import io.athena.procedures.v1.GetProcedureVersionRequest;
import io.athena.procedures.v1.ListProcedureVersionsRequest;
import io.athena.procedures.v1.Procedure;
import io.athena.procedures.v1.RollbackProcedureCodeRequest;

/**
 * The service's storage alone: what the server does for a call without the network, and without the
 * examination of code before a save, which the local repository does not do either.
 */
final class StorageStore implements VersionStore {
  private final Storage storage;
  private final long procedureId;

  StorageStore(Storage storage, Procedure procedure) {
    this.storage = storage;
    this.procedureId = storage.remember(procedure);
  }

  @Override
  public String name() {
    return "storage alone: no network, no validation";
  }

  @Override
  public void save(String code) {
    storage.save(procedureId, code, "");
  }

  @Override
  public int list(int most) {
    return storage
        .versions()
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
    return storage
        .versions()
        .get(
            GetProcedureVersionRequest.newBuilder()
                .setProcedureId(procedureId)
                .setVersion("v" + version)
                .build())
        .getCode();
  }

  @Override
  public String diff(int from, int to) {
    return storage
        .versions()
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
    storage
        .versions()
        .rollback(
            RollbackProcedureCodeRequest.newBuilder()
                .setProcedureId(procedureId)
                .setTargetVersion("v" + version)
                .build());
  }

  /** Its user closes the storage. */
  @Override
  public void close() {}
}
