package io.athena.procedures.bench;

import io.athena.procedures.bench.ServerTree.Kind;
import io.athena.procedures.client.ExecutionStream;
import io.athena.procedures.v1.ExecuteProcedureRequest;
import io.athena.procedures.v1.Execution;
import io.athena.procedures.v1.ExecutionState;
import io.athena.procedures.v1.GetExecutionRequest;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * What a client costs that takes the first event of a flood and no other, and then goes away.
 *
 * @param cpuShare processors that all processes of the server use meanwhile
 * @param mebibytes by which their memory (PSS) grows meanwhile
 * @param secondsToEnd from the client's going until the run's outcome is recorded
 */
record IdleReader(double cpuShare, double mebibytes, double secondsToEnd) {
  private static final long WATCHED_SECONDS = 3;
  private static final long LOOK_MILLIS = 250;
  private static final long LONGEST_WAIT_SECONDS = 30;

  static IdleReader measure(Frame.Stage stage, ExecuteProcedureRequest request) throws IOException {
    ServerTree tree = ServerTree.of(stage.server());
    String id;
    double cpuShare;
    double growth;
    try (ExecutionStream events = stage.client().executeProcedure(request)) {
      id = events.next().getAccepted().getExecutionId();
      awaitStill(tree);
      double memory = total(tree.memory());
      double cpu = total(tree.cpu());
      LockSupport.parkNanos(TimeUnit.SECONDS.toNanos(WATCHED_SECONDS));
      cpuShare = (total(tree.cpu()) - cpu) / TimeUnit.SECONDS.toMillis(WATCHED_SECONDS);
      growth = total(tree.memory()) - memory;
    }
    return new IdleReader(cpuShare, growth, awaitEnd(stage, id));
  }

  List<Figure> figures() {
    return List.of(
        new Figure("a client does not read: CPU of all processes", cpuShare * 100, "%"),
        new Figure(
            "a client does not read: growth of memory in %d s".formatted(WATCHED_SECONDS),
            mebibytes,
            "MiB"));
  }

  /** Until the program has filled what holds output on its way, and waits. */
  private static void awaitStill(ServerTree tree) throws IOException {
    long begin = System.nanoTime();
    double before;
    double now = programs(tree);
    do {
      if (System.nanoTime() - begin > TimeUnit.SECONDS.toNanos(LONGEST_WAIT_SECONDS)) {
        throw new IOException("a program goes on writing though nobody reads");
      }
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(LOOK_MILLIS));
      before = now;
      now = programs(tree);
    } while (now > before || now == 0);
  }

  private static double awaitEnd(Frame.Stage stage, String id) throws IOException {
    long left = System.nanoTime();
    GetExecutionRequest asked = GetExecutionRequest.newBuilder().setExecutionId(id).build();
    Execution execution = stage.client().getExecution(asked).getExecution();
    while (execution.getState() != ExecutionState.EXECUTION_STATE_COMPLETED) {
      if (System.nanoTime() - left > TimeUnit.SECONDS.toNanos(LONGEST_WAIT_SECONDS)) {
        throw new IOException("a run goes on though its client has gone");
      }
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
      execution = stage.client().getExecution(asked).getExecution();
    }
    return (System.nanoTime() - left) / 1e9;
  }

  private static double programs(ServerTree tree) {
    return tree.cpu().getOrDefault(Kind.PROGRAM, 0.0);
  }

  private static double total(Map<Kind, Double> sums) {
    return sums.values().stream().mapToDouble(Double::doubleValue).sum();
  }
}
