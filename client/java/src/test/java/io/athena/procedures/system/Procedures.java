package io.athena.procedures.system;

import io.athena.procedures.client.AthenaClient;
import io.athena.procedures.v1.Procedure;
import io.athena.procedures.v1.SaveProcedureCodeRequest;

/** Procedures for tests. */
final class Procedures {
  private Procedures() {}

  /** Stores a procedure with code and gives its id. */
  static long save(AthenaClient client, String name, String code) {
    long id =
        client.rememberProcedure(Procedure.newBuilder().setName(name).build()).getProcedureId();
    client.saveProcedureCode(
        SaveProcedureCodeRequest.newBuilder().setProcedureId(id).setCode(code).build());
    return id;
  }
}
