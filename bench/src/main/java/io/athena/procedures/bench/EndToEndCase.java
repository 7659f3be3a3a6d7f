package io.athena.procedures.bench;

import io.athena.procedures.client.AthenaClient;
import io.athena.procedures.client.ExecutionStream;
import io.athena.procedures.v1.ExecuteProcedureRequest;
import io.athena.procedures.v1.ExecutionEvent;
import io.athena.procedures.v1.Outcome;
import java.io.IOException;
import java.util.List;

/**
 * ExecuteProcedure over gRPC on loopback: admission, durable row, a fresh isolated process, outcome
 * committed. Timed from the call to the end of its stream.
 */
record EndToEndCase(int concurrency, AthenaClient client, long procedureId) implements Case {

  @Override
  public String name() {
    return "ExecuteProcedure, end to end";
  }

  @Override
  public List<Long> run(int count) throws IOException, InterruptedException {
    return Callers.time(name(), concurrency, count, this::execute);
  }

  private void execute() throws IOException {
    Outcome outcome = Outcome.OUTCOME_UNSPECIFIED;
    ExecuteProcedureRequest request =
        ExecuteProcedureRequest.newBuilder().setProcedureId(procedureId).build();
    try (ExecutionStream events = client.executeProcedure(request)) {
      while (events.hasNext()) {
        ExecutionEvent event = events.next();
        if (event.hasCompleted()) {
          outcome = event.getCompleted().getOutcome();
        }
      }
    }
    if (outcome != Outcome.OUTCOME_SUCCESS) {
      throw new IOException("a run ended with " + outcome);
    }
  }
}
