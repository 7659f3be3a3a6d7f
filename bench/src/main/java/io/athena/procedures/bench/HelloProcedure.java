package io.athena.procedures.bench;

import io.athena.procedures.client.AthenaClient;
import io.athena.procedures.client.ExecutionStream;
import io.athena.procedures.v1.ExecuteProcedureRequest;
import io.athena.procedures.v1.ExecutionEvent;
import io.athena.procedures.v1.Outcome;
import io.athena.procedures.v1.Procedure;
import io.athena.procedures.v1.SaveProcedureCodeRequest;
import java.io.IOException;
import java.util.function.Consumer;

/** A procedure whose program prints one line. */
record HelloProcedure(AthenaClient client, ExecuteProcedureRequest request) {
  static HelloProcedure save(AthenaClient client) {
    Procedure procedure =
        client.rememberProcedure(
            Procedure.newBuilder().setName("hello").setCategory("benchmark").build());
    client.saveProcedureCode(
        SaveProcedureCodeRequest.newBuilder()
            .setProcedureId(procedure.getProcedureId())
            .setCode("print(\"hello\")\n")
            .build());
    return new HelloProcedure(
        client,
        ExecuteProcedureRequest.newBuilder().setProcedureId(procedure.getProcedureId()).build());
  }

  /** Runs it and shows each event as it comes. */
  void execute(Consumer<ExecutionEvent> events) throws IOException {
    Outcome outcome = Outcome.OUTCOME_UNSPECIFIED;
    boolean said = false;
    try (ExecutionStream stream = client.executeProcedure(request)) {
      while (stream.hasNext()) {
        ExecutionEvent event = stream.next();
        events.accept(event);
        said |= event.hasOutput();
        if (event.hasCompleted()) {
          outcome = event.getCompleted().getOutcome();
        }
      }
    }
    if (outcome != Outcome.OUTCOME_SUCCESS || !said) {
      throw new IOException("a run ended with " + outcome + (said ? "" : " and said nothing"));
    }
  }
}
