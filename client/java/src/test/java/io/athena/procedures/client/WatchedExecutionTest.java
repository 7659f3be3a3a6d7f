package io.athena.procedures.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.athena.procedures.v1.ExecutionEvent;
import io.athena.procedures.v1.ExecutionEvent.Completed;
import io.athena.procedures.v1.ExecutionEvent.Heartbeat;
import io.athena.procedures.v1.ExecutionEvent.Output;
import io.athena.procedures.v1.ExecutionServiceGrpc.ExecutionServiceImplBase;
import io.athena.procedures.v1.WatchExecutionRequest;
import io.athena.procedures.v1.WatchExecutionResponse;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
final class WatchedExecutionTest {
  private final Service service = new Service();
  private final Server server;
  private final AthenaClient client;

  WatchedExecutionTest() throws IOException {
    server =
        NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .addService(service)
            .build()
            .start();
    client = AthenaClient.builder().address("127.0.0.1:" + server.getPort()).build();
  }

  /** How one call is answered: by events, and then a status. */
  private record Script(List<ExecutionEvent> events, Status end) {}

  /** Answers each call by the next script, and keeps what was asked for. */
  private static final class Service extends ExecutionServiceImplBase {
    private final Queue<Script> scripts = new ArrayDeque<>();
    private final List<Long> askedAfter = new CopyOnWriteArrayList<>();

    @Override
    public synchronized void watchExecution(
        WatchExecutionRequest request, StreamObserver<WatchExecutionResponse> answers) {
      askedAfter.add(request.getAfterSequence());
      Script script = scripts.remove();
      script.events().stream()
          .map(event -> WatchExecutionResponse.newBuilder().setEvent(event).build())
          .forEach(answers::onNext);
      if (script.end().isOk()) {
        answers.onCompleted();
      } else {
        answers.onError(script.end().asException());
      }
    }
  }

  private ExecutionStream watch(long afterSequence, Script... scripts) {
    service.scripts.addAll(Arrays.asList(scripts));
    return client.watchExecution("some-execution", afterSequence);
  }

  @AfterEach
  void stop() {
    client.close();
    server.shutdownNow();
  }

  @Test
  void eachEventComesOnceOverConnectionsThatBreak() {
    ExecutionStream events =
        watch(
            3,
            broken(output(4), output(5), heartbeat(5)),
            broken(),
            broken(output(6)),
            new Script(List.of(completed(7)), Status.OK));
    assertThat(sequences(events)).containsExactly(4L, 5L, 6L, 7L);
    assertThat(service.askedAfter).containsExactly(3L, 5L, 5L, 6L);
  }

  @Test
  void breaksThatBringNothingAreLimited() {
    Script[] scripts = new Script[7];
    Arrays.fill(scripts, broken(heartbeat(0)));
    scripts[0] = broken(output(1));
    ExecutionStream events = watch(0, scripts);
    assertThat(events.next().getSequence()).isEqualTo(1);
    assertThatThrownBy(events::hasNext)
        .isInstanceOfSatisfying(
            AthenaException.class, e -> assertThat(e.code()).isEqualTo(Status.Code.UNAVAILABLE));
    assertThat(service.askedAfter).hasSize(6).endsWith(1L);
  }

  @Test
  void aRefusalEndsIt() {
    ExecutionStream events = watch(0, broken(output(1)), new Script(List.of(), Status.NOT_FOUND));
    assertThat(events.next().getSequence()).isEqualTo(1);
    assertThatThrownBy(events::hasNext)
        .isInstanceOfSatisfying(
            AthenaException.class, e -> assertThat(e.code()).isEqualTo(Status.Code.NOT_FOUND));
    assertThat(service.askedAfter).containsExactly(0L, 1L);
  }

  private static List<Long> sequences(ExecutionStream events) {
    List<Long> seen = new ArrayList<>();
    events.forEachRemaining(event -> seen.add(event.getSequence()));
    return seen;
  }

  private static Script broken(ExecutionEvent... events) {
    return new Script(List.of(events), Status.UNAVAILABLE.withDescription("broken"));
  }

  private static ExecutionEvent output(long sequence) {
    return ExecutionEvent.newBuilder()
        .setSequence(sequence)
        .setOutput(Output.getDefaultInstance())
        .build();
  }

  private static ExecutionEvent heartbeat(long sequence) {
    return ExecutionEvent.newBuilder()
        .setSequence(sequence)
        .setHeartbeat(Heartbeat.getDefaultInstance())
        .build();
  }

  private static ExecutionEvent completed(long sequence) {
    return ExecutionEvent.newBuilder()
        .setSequence(sequence)
        .setCompleted(Completed.getDefaultInstance())
        .build();
  }
}
