package io.athena.procedures.bench;

import io.athena.procedures.client.AthenaClient;
import io.athena.procedures.client.ExecutionStream;
import io.athena.procedures.v1.ExecuteProcedureRequest;
import io.athena.procedures.v1.ExecutionEvent;
import io.athena.procedures.v1.Outcome;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

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
    List<Future<List<Long>>> callers = new ArrayList<>();
    try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int caller = 0; caller < concurrency; caller++) {
        int share = count / concurrency + (caller < count % concurrency ? 1 : 0);
        callers.add(executor.submit(() -> runInSequence(share)));
      }
      List<Long> nanos = new ArrayList<>(count);
      for (Future<List<Long>> caller : callers) {
        nanos.addAll(caller.get());
      }
      return nanos;
    } catch (ExecutionException e) {
      throw new IOException(name() + " failed: " + e.getMessage(), e);
    }
  }

  private List<Long> runInSequence(int count) throws IOException {
    List<Long> nanos = new ArrayList<>(count);
    for (int run = 0; run < count; run++) {
      long begin = System.nanoTime();
      Outcome outcome = execute();
      nanos.add(System.nanoTime() - begin);
      if (outcome != Outcome.OUTCOME_SUCCESS) {
        throw new IOException("a run ended with " + outcome);
      }
    }
    return nanos;
  }

  private Outcome execute() {
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
    return outcome;
  }
}
