package io.athena.procedures.rpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.athena.procedures.config.ServerConfig;
import io.athena.procedures.v1.ExecuteProcedureRequest;
import io.athena.procedures.v1.ExecuteProcedureResponse;
import io.athena.procedures.v1.ExecutionServiceGrpc;
import io.athena.procedures.v1.GetExecutionRequest;
import io.athena.procedures.v1.GetExecutionResponse;
import io.grpc.Context;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

@ParameterizedClass
@EnumSource(ServerConfig.Transport.class)
final class ConnectionsTest {
  private static final ExecuteProcedureRequest REQUEST =
      ExecuteProcedureRequest.getDefaultInstance();

  /** Error code 8 of RFC 9113. */
  private static final byte[] CANCEL = {0, 0, 0, 8};

  private final ServerConfig.Transport transport;
  private final CountDownLatch started = new CountDownLatch(1);
  private final CountDownLatch ended = new CountDownLatch(1);
  private final CountDownLatch release = new CountDownLatch(1);
  private RunningServer running;

  ConnectionsTest(ServerConfig.Transport transport) {
    this.transport = transport;
  }

  @BeforeEach
  void start() throws Exception {
    running =
        RunningServer.start(
            transport,
            Map.of(
                "server.grpc.keepalive-time", "300ms", "server.grpc.keepalive-timeout", "300ms"));
    running.probe.streaming =
        (request, answers) -> {
          Context.current().addListener(context -> ended.countDown(), Runnable::run);
          started.countDown();
          awaited(release);
          answers.onNext(ExecuteProcedureResponse.getDefaultInstance());
          answers.onCompleted();
        };
  }

  @AfterEach
  void stop() {
    release.countDown();
    running.close();
  }

  private RawClient rawCall() throws Exception {
    RawClient client = new RawClient(running.server.port());
    client.call(1, "ExecuteProcedure", new RawClient.HeaderBlock());
    client.message(1, REQUEST.toByteArray());
    assertThat(awaited(started)).isTrue();
    return client;
  }

  @Test
  void aConnectionThatIsClosedEndsItsCalls() throws Exception {
    rawCall().close();
    assertThat(awaited(ended)).isTrue();
  }

  @Test
  void aConnectionThatIsResetEndsItsCalls() throws Exception {
    RawClient client = rawCall();
    client.socket.setSoLinger(true, 0);
    client.close();
    assertThat(awaited(ended)).isTrue();
  }

  @Test
  void aClientThatVanishesWithoutAWordIsNoticed() throws Exception {
    // It answers no PING, as a machine without power would not. grpc-java asks every 10 s at most.
    try (RawClient client = rawCall()) {
      assertThat(ended.await(20, TimeUnit.SECONDS)).isTrue();
      assertThat(client.socket.isClosed()).isFalse();
    }
  }

  @Test
  void aClientThatIsOnlyPatientIsKept() throws Exception {
    Collecting<ExecuteProcedureResponse> answers = new Collecting<>();
    running.async().executeProcedure(REQUEST, answers);
    assertThat(awaited(started)).isTrue();
    // Several rounds of questions whether it lives.
    assertThat(ended.await(1_500, TimeUnit.MILLISECONDS)).isFalse();
    release.countDown();
    assertThat(answers.end.get(10, TimeUnit.SECONDS)).isEqualTo(Status.Code.OK);
  }

  @Test
  void aCancelledCallEndsItsContext() throws Exception {
    Context.CancellableContext caller = Context.current().withCancellation();
    caller.run(() -> running.async().executeProcedure(REQUEST, new Collecting<>()));
    assertThat(awaited(started)).isTrue();
    caller.cancel(null);
    assertThat(awaited(ended)).isTrue();
  }

  @Test
  void aClientThatShutsDownInOrderStillGetsTheEndOfItsCalls() throws Exception {
    ManagedChannel channel = running.newChannel();
    Collecting<ExecuteProcedureResponse> answers = new Collecting<>();
    ExecutionServiceGrpc.newStub(channel).executeProcedure(REQUEST, answers);
    assertThat(awaited(started)).isTrue();
    channel.shutdown();
    assertThat(ended.await(500, TimeUnit.MILLISECONDS)).isFalse();
    release.countDown();
    assertThat(answers.end.get(10, TimeUnit.SECONDS)).isEqualTo(Status.Code.OK);
    assertThat(channel.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void aClientThatAnnouncesItsEndStillGetsTheEndOfItsCalls() throws Exception {
    try (RawClient client = rawCall()) {
      client.write(RawClient.GOAWAY, 0, 0, new byte[8]);
      assertThat(ended.await(200, TimeUnit.MILLISECONDS)).isFalse();
      release.countDown();
      assertThat(client.trailers(1)).containsEntry("grpc-status", "0");
    }
  }

  @Test
  void aCancelThatCrossesTheEndOfItsStreamHarmsNoOther() throws Exception {
    try (RawClient client = new RawClient(running.server.port())) {
      for (int ended = 1; ended <= 3; ended += 2) {
        client.call(ended, "GetExecution", new RawClient.HeaderBlock());
        client.message(ended, GetExecutionRequest.getDefaultInstance().toByteArray());
        assertThat(client.trailers(ended)).containsEntry("grpc-status", "0");
      }
      client.write(RawClient.RST_STREAM, 0, 1, CANCEL); // No newer stream is open.
      client.call(5, "ExecuteProcedure", new RawClient.HeaderBlock());
      client.message(5, REQUEST.toByteArray());
      assertThat(awaited(started)).isTrue();
      client.write(RawClient.RST_STREAM, 0, 3, CANCEL); // A newer one is.
      release.countDown();
      assertThat(client.trailers(5)).containsEntry("grpc-status", "0");
    }
  }

  @Test
  void manyQuickCancelsDoNotEndTheConnection() throws Exception {
    release.countDown();
    Semaphore cancelled = new Semaphore(0);
    int calls = 300;
    for (int call = 0; call < calls; call++) {
      running
          .async()
          .executeProcedure(
              REQUEST,
              new ClientResponseObserver<ExecuteProcedureRequest, ExecuteProcedureResponse>() {
                @Override
                public void beforeStart(ClientCallStreamObserver<ExecuteProcedureRequest> started) {
                  started.setOnReadyHandler(() -> started.cancel("changed my mind", null));
                }

                @Override
                public void onNext(ExecuteProcedureResponse answer) {}

                @Override
                public void onError(Throwable failure) {
                  cancelled.release();
                }

                @Override
                public void onCompleted() {
                  cancelled.release();
                }
              });
    }
    assertThat(cancelled.tryAcquire(calls, 20, TimeUnit.SECONDS)).isTrue();
    assertThat(running.blocking().getExecution(GetExecutionRequest.getDefaultInstance()))
        .isEqualTo(GetExecutionResponse.getDefaultInstance());
  }

  private static boolean awaited(CountDownLatch latch) {
    try {
      return latch.await(10, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
