package io.athena.procedures.bench;

import io.athena.procedures.client.AthenaClient;
import io.athena.procedures.v1.DiffProcedureVersionsRequest;
import io.athena.procedures.v1.GetProcedureVersionRequest;
import io.athena.procedures.v1.ListProcedureVersionsRequest;
import io.athena.procedures.v1.Procedure;
import io.athena.procedures.v1.RollbackProcedureCodeRequest;
import io.athena.procedures.v1.SaveProcedureCodeRequest;
import io.athena.procedures.v1.ValidateProcedureCodeRequest;

/** The service as its callers have it: over gRPC on loopback, in a process of its own. */
final class ServiceStore implements VersionStore {
  private final AthenaClient client;
  private final long procedureId;

  ServiceStore(AthenaClient client, Procedure procedure) {
    this.client = client;
    this.procedureId = client.rememberProcedure(procedure).getProcedureId();
  }

  @Override
  public String name() {
    return "service, over gRPC";
  }

  @Override
  public void save(String code) {
    client.saveProcedureCode(
        SaveProcedureCodeRequest.newBuilder().setProcedureId(procedureId).setCode(code).build());
  }

  @Override
  public int list(int most) {
    return client
        .listProcedureVersions(
            ListProcedureVersionsRequest.newBuilder()
                .setProcedureId(procedureId)
                .setPageSize(most)
                .build())
        .getVersionsCount();
  }

  @Override
  public String get(int version) {
    return client
        .getProcedureVersion(
            GetProcedureVersionRequest.newBuilder()
                .setProcedureId(procedureId)
                .setVersion("v" + version)
                .build())
        .getVersion()
        .getCode();
  }

  @Override
  public String diff(int from, int to) {
    return client
        .diffProcedureVersions(
            DiffProcedureVersionsRequest.newBuilder()
                .setProcedureId(procedureId)
                .setFromVersion("v" + from)
                .setToVersion("v" + to)
                .build())
        .getDiff();
  }

  @Override
  public void rollback(int version) {
    client.rollbackProcedureCode(
        RollbackProcedureCodeRequest.newBuilder()
            .setProcedureId(procedureId)
            .setTargetVersion("v" + version)
            .build());
  }

  /** Examines code as a save does. */
  void validate(String code) {
    client.validateProcedureCode(
        ValidateProcedureCodeRequest.newBuilder()
            .setProcedureId(procedureId)
            .setCode(code)
            .build());
  }

  @Override
  public void close() {}
}
