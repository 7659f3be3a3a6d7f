package io.athena.procedures.rpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.protobuf.ByteString;
import com.google.protobuf.Duration;
import com.google.rpc.RetryInfo;
import io.athena.procedures.config.ServerConfig;
import io.athena.procedures.v1.ExecuteProcedureRequest;
import io.athena.procedures.v1.ExecuteProcedureResponse;
import io.athena.procedures.v1.ExecutionEvent;
import io.athena.procedures.v1.ExecutionServiceGrpc;
import io.athena.procedures.v1.GetExecutionRequest;
import io.athena.procedures.v1.GetExecutionResponse;
import io.athena.procedures.v1.RunProcedureRequest;
import io.athena.procedures.v1.RunProcedureResponse;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import io.grpc.stub.StreamObserver;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Iterator;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

@ParameterizedClass
@EnumSource(ServerConfig.Transport.class)
final class CallsTest {
  private static final GetExecutionRequest REQUEST = GetExecutionRequest.getDefaultInstance();
  private static final int MAX_CALLS = 20;

  private final ServerConfig.Transport transport;
  private RunningServer running;

  CallsTest(ServerConfig.Transport transport) {
    this.transport = transport;
  }

  @BeforeEach
  void start() throws Exception {
    running =
        RunningServer.start(
            transport,
            Map.of(
                "server.grpc.max-concurrent-calls",
                Integer.toString(MAX_CALLS),
                "server.grpc.max-message-size",
                "4MiB",
                "server.grpc.flow-control-timeout",
                "700ms"));
  }

  @AfterEach
  void stop() {
    running.close();
  }

  @Test
  void callsCompletedFromOtherThreadsLeaveNoStreamBehind() {
    running.probe.unary =
        (request, answer) ->
            Thread.ofVirtual()
                .start(() -> {
                  answer.onNext(GetExecutionResponse.getDefaultInstance());
                  answer.onCompleted();
                });
    // Helidon refuses the connection's next stream when this many are left behind.
    int calls = 3 * (MAX_CALLS + 100);
    for (int call = 0; call < calls; call++) {
      assertThat(running.blocking().getExecution(REQUEST)).isNotNull();
    }
  }

  @Test
  void streamsThatTheServerEndsFirstLeaveNothingBehind() throws Exception {
    running.probe.bidi =
        answers -> {
          Thread.ofVirtual()
              .start(() -> {
                answers.onNext(RunProcedureResponse.getDefaultInstance());
                answers.onCompleted();
              });
          return new Discarding<>();
        };
    for (int call = 0; call < 3 * (MAX_CALLS + 100); call++) {
      Collecting<RunProcedureResponse> answers = new Collecting<>();
      StreamObserver<RunProcedureRequest> _ = running.async().runProcedure(answers);
      assertThat(answers.end.get(10, TimeUnit.SECONDS)).isEqualTo(Status.Code.OK);
    }
  }

  @Test
  void halfClosingAStreamReachesItsHandler() throws Exception {
    running.probe.bidi =
        answers ->
            new Discarding<>() {
              @Override
              public void onCompleted() {
                answers.onCompleted();
              }
            };
    Collecting<RunProcedureResponse> answers = new Collecting<>();
    StreamObserver<RunProcedureRequest> requests = running.async().runProcedure(answers);
    requests.onNext(RunProcedureRequest.getDefaultInstance());
    requests.onCompleted();
    assertThat(answers.end.get(10, TimeUnit.SECONDS)).isEqualTo(Status.Code.OK);
  }

  @Test
  void aStreamedMessageArrivesWhileItsHandlerStillRuns() throws Exception {
    CountDownLatch received = new CountDownLatch(1);
    running.probe.streaming =
        (request, answers) -> {
          answers.onNext(output(1));
          if (awaited(received)) {
            answers.onNext(output(2));
          }
          answers.onCompleted();
        };
    Iterator<ExecuteProcedureResponse> answers =
        running.blocking().executeProcedure(ExecuteProcedureRequest.getDefaultInstance());
    assertThat(answers.next()).isEqualTo(output(1));
    received.countDown();
    assertThat(answers.next()).isEqualTo(output(2));
    assertThat(answers.hasNext()).isFalse();
  }

  @Test
  void smallCallsDoNotWaitForDelayedAcknowledgements() {
    long[] nanos = new long[40];
    for (int call = 0; call < nanos.length; call++) {
      long start = System.nanoTime();
      assertThat(running.blocking().getExecution(REQUEST)).isNotNull();
      nanos[call] = System.nanoTime() - start;
    }
    Arrays.sort(nanos);
    // A quarter of them, not the median: the machine may be busy, but the 40 ms hit every call.
    assertThat(nanos[nanos.length / 4]).isLessThan(TimeUnit.MILLISECONDS.toNanos(20));
  }

  @Test
  void moreCallsThanAllowedAreRefusedWithATimeToComeBack() throws Exception {
    Semaphore started = new Semaphore(0);
    CountDownLatch release = new CountDownLatch(1);
    running.probe.unary =
        (request, answer) -> {
          started.release();
          awaited(release);
          answer.onNext(GetExecutionResponse.getDefaultInstance());
          answer.onCompleted();
        };
    Collecting<GetExecutionResponse> answers = new Collecting<>(MAX_CALLS);
    for (int call = 0; call < MAX_CALLS; call++) {
      running.async().getExecution(REQUEST, answers);
    }
    assertThat(started.tryAcquire(MAX_CALLS, 10, TimeUnit.SECONDS)).isTrue();
    StatusRuntimeException refused =
        catchThrowableOfType(
            StatusRuntimeException.class, () -> running.blocking().getExecution(REQUEST));
    assertThat(refused.getStatus().getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
    RetryInfo retry =
        Objects.requireNonNull(StatusProto.fromThrowable(refused))
            .getDetails(1)
            .unpack(RetryInfo.class);
    assertThat(retry.getRetryDelay())
        .isEqualTo(Duration.newBuilder().setNanos(500_000_000).build());
    release.countDown();
    assertThat(answers.end.get(10, TimeUnit.SECONDS)).isEqualTo(Status.Code.OK);
    assertThat(running.blocking().getExecution(REQUEST)).isNotNull();
  }

  @Test
  void aMessageThatIsTooLargeIsRefusedAndTheConnectionGoesOn() {
    GetExecutionRequest large =
        GetExecutionRequest.newBuilder()
            .setExecutionIdBytes(ByteString.copyFrom(new byte[6 * 1024 * 1024]))
            .build();
    StatusRuntimeException refused =
        catchThrowableOfType(
            StatusRuntimeException.class, () -> running.blocking().getExecution(large));
    assertThat(refused.getStatus().getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
    assertThat(running.blocking().getExecution(REQUEST)).isNotNull();
  }

  @Test
  void aMessageOfTheLargestSizeIsTaken() {
    AtomicInteger size = new AtomicInteger();
    running.probe.unary =
        (request, answer) -> {
          size.set(request.getSerializedSize());
          answer.onNext(GetExecutionResponse.getDefaultInstance());
          answer.onCompleted();
        };
    byte[] text = new byte[4 * 1024 * 1024 - 5];
    Arrays.fill(text, (byte) 'a');
    GetExecutionRequest large =
        GetExecutionRequest.newBuilder()
            .setExecutionId(new String(text, StandardCharsets.US_ASCII))
            .build();
    assertThat(large.getSerializedSize()).isEqualTo(4 * 1024 * 1024);
    assertThat(running.blocking().getExecution(large)).isNotNull();
    assertThat(size).hasValue(4 * 1024 * 1024);
  }

  @Test
  void aMessageThatIsNotProtobufIsAnInvalidArgument() throws Exception {
    try (RawClient client = new RawClient(running.server.port())) {
      client.call(1, "GetExecution", new RawClient.HeaderBlock());
      client.message(1, new byte[] {(byte) 0xff, (byte) 0xff, (byte) 0xff});
      assertThat(client.trailers(1)).containsEntry("grpc-status", "3");
      client.call(3, "GetExecution", new RawClient.HeaderBlock());
      client.message(3, REQUEST.toByteArray());
      assertThat(client.trailers(3)).containsEntry("grpc-status", "0");
    }
  }

  @Test
  void aHandlerThatThrowsAfterItsFirstAnswerStillEndsTheStreamWithAStatus() {
    running.probe.streaming =
        (request, answers) -> {
          answers.onNext(output(1));
          throw new IllegalStateException("in the middle");
        };
    Iterator<ExecuteProcedureResponse> answers =
        running.blocking().executeProcedure(ExecuteProcedureRequest.getDefaultInstance());
    assertThat(answers.next()).isEqualTo(output(1));
    StatusRuntimeException failure =
        catchThrowableOfType(StatusRuntimeException.class, answers::hasNext);
    assertThat(failure.getStatus().getCode()).isEqualTo(Status.Code.INTERNAL);
  }

  @Test
  void aReaderThatStopsBlocksItsWriterAndIsThenGivenUp() throws Exception {
    AtomicInteger sent = new AtomicInteger();
    CountDownLatch over = new CountDownLatch(1);
    running.probe.streaming =
        (request, answers) -> {
          io.grpc.Context.current().addListener(context -> over.countDown(), Runnable::run);
          ExecuteProcedureResponse large = output(256 * 1024);
          for (int message = 0; message < 400; message++) {
            answers.onNext(large);
            sent.incrementAndGet();
          }
          answers.onCompleted();
        };
    CompletableFuture<Status.Code> end = new CompletableFuture<>();
    ExecutionServiceGrpc.newStub(running.channel)
        .executeProcedure(
            ExecuteProcedureRequest.getDefaultInstance(),
            new ClientResponseObserver<ExecuteProcedureRequest, ExecuteProcedureResponse>() {
              @Override
              public void beforeStart(ClientCallStreamObserver<ExecuteProcedureRequest> call) {
                call.disableAutoRequestWithInitial(1);
              }

              @Override
              public void onNext(ExecuteProcedureResponse answer) {}

              @Override
              public void onError(Throwable failure) {
                end.complete(Status.fromThrowable(failure).getCode());
              }

              @Override
              public void onCompleted() {
                end.complete(Status.Code.OK);
              }
            });
    assertThat(awaited(over)).isTrue();
    // 100 MiB were to be sent; the windows hold a few.
    assertThat(sent.get()).isLessThan(100);
    assertThat(running.blocking().getExecution(REQUEST)).isNotNull();
  }

  private static ExecuteProcedureResponse output(int bytes) {
    return ExecuteProcedureResponse.newBuilder()
        .setEvent(
            ExecutionEvent.newBuilder()
                .setOutput(
                    ExecutionEvent.Output.newBuilder()
                        .setData(ByteString.copyFrom(new byte[bytes]))))
        .build();
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
