package io.athena.procedures.rpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.athena.procedures.config.ServerConfig;
import io.athena.procedures.v1.GetExecutionRequest;
import io.athena.procedures.v1.GetExecutionResponse;
import io.grpc.Context;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.MetadataUtils;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

@ParameterizedClass
@EnumSource(ServerConfig.Transport.class)
final class HeadersTest {
  private static final Metadata.Key<String> NOTE =
      Metadata.Key.of("x-note", Metadata.ASCII_STRING_MARSHALLER);
  private static final GetExecutionRequest REQUEST = GetExecutionRequest.getDefaultInstance();

  private final ServerConfig.Transport transport;
  private final List<String> notes = Collections.synchronizedList(new ArrayList<>());
  private RunningServer running;

  HeadersTest(ServerConfig.Transport transport) {
    this.transport = transport;
  }

  @BeforeEach
  void start() throws Exception {
    ServerInterceptor noting =
        new ServerInterceptor() {
          @Override
          public <Q, S> ServerCall.Listener<Q> interceptCall(
              ServerCall<Q, S> call, Metadata headers, ServerCallHandler<Q, S> next) {
            String note = headers.get(NOTE);
            if (note != null) {
              notes.add(note);
            }
            return next.startCall(call, headers);
          }
        };
    running =
        RunningServer.start(transport, Map.of(), List.of(noting), authorization -> {}, List.of());
  }

  @AfterEach
  void stop() {
    running.close();
  }

  @Test
  void aHeaderLargerThanTheTableEmptiesItAndTheConnectionGoesOn() throws Exception {
    String large = "x".repeat(5_000);
    try (RawClient client = new RawClient(running.server.port())) {
      client.call(1, "GetExecution", new RawClient.HeaderBlock().indexed("x-note", "small before"));
      client.message(1, REQUEST.toByteArray());
      assertThat(client.trailers(1)).containsEntry("grpc-status", "0");
      client.call(3, "GetExecution", new RawClient.HeaderBlock().indexed("x-note", large));
      client.message(3, REQUEST.toByteArray());
      assertThat(client.trailers(3)).containsEntry("grpc-status", "0");
      client.call(5, "GetExecution", new RawClient.HeaderBlock().indexed("x-note", "small after"));
      client.message(5, REQUEST.toByteArray());
      assertThat(client.trailers(5)).containsEntry("grpc-status", "0");
      client.call(7, "GetExecution", new RawClient.HeaderBlock().fromTable(62));
      client.message(7, REQUEST.toByteArray());
      assertThat(client.trailers(7)).containsEntry("grpc-status", "0");
    }
    assertThat(notes).containsExactly("small before", large, "small after", "small after");
  }

  @Test
  void namesOfPseudoHeadersMayBeSpeltOut() throws Exception {
    RawClient.HeaderBlock spelt =
        new RawClient.HeaderBlock()
            .literal(":method", "POST")
            .literal(":scheme", "http")
            .indexed(":path", "/athena.procedures.v1.ExecutionService/GetExecution")
            .indexed(":authority", "localhost")
            .literal("content-type", "application/grpc")
            .literal("te", "trailers");
    RawClient.HeaderBlock fromTable =
        new RawClient.HeaderBlock()
            .literal(":method", "POST")
            .literal(":scheme", "http")
            .fromTable(63)
            .fromTable(62)
            .literal("content-type", "application/grpc")
            .literal("te", "trailers");
    try (RawClient client = new RawClient(running.server.port())) {
      client.write(RawClient.HEADERS, RawClient.END_HEADERS, 1, spelt.bytes());
      client.message(1, REQUEST.toByteArray());
      assertThat(client.trailers(1)).containsEntry("grpc-status", "0");
      client.write(RawClient.HEADERS, RawClient.END_HEADERS, 3, fromTable.bytes());
      client.message(3, REQUEST.toByteArray());
      assertThat(client.trailers(3)).containsEntry("grpc-status", "0");
    }
  }

  @Test
  void aLongTokenOfAStockClientIsRead() {
    Metadata headers = new Metadata();
    headers.put(NOTE, "n".repeat(6_000));
    for (int repeat = 0; repeat < 3; repeat++) {
      running
          .blocking()
          .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers))
          .getExecution(REQUEST);
    }
    assertThat(notes).hasSize(3).containsOnly("n".repeat(6_000));
  }

  @Test
  void trailersLargerThanTheTableReachTheCaller() {
    Metadata.Key<byte[]> key = Metadata.Key.of("x-big-bin", Metadata.BINARY_BYTE_MARSHALLER);
    Metadata trailers = new Metadata();
    trailers.put(key, new byte[4_500]);
    running.probe.unary =
        (request, answer) -> {
          throw Status.ABORTED.asRuntimeException(trailers);
        };
    for (int repeat = 0; repeat < 3; repeat++) {
      StatusRuntimeException failure =
          catchThrowableOfType(
              StatusRuntimeException.class, () -> running.blocking().getExecution(REQUEST));
      assertThat(failure.getStatus().getCode()).isEqualTo(Status.Code.ABORTED);
      assertThat(Objects.requireNonNull(failure.getTrailers()).get(key)).hasSize(4_500);
    }
  }

  @Test
  void theTimeoutHeaderBecomesTheDeadlineOfTheContext() throws Exception {
    List<Boolean> deadlines = Collections.synchronizedList(new ArrayList<>());
    running.probe.unary =
        (request, answer) -> {
          deadlines.add(Context.current().getDeadline() != null);
          waitForEnd(Context.current());
        };
    try (RawClient client = new RawClient(running.server.port())) {
      client.call(1, "GetExecution", new RawClient.HeaderBlock().literal("grpc-timeout", "200m"));
      client.message(1, REQUEST.toByteArray());
      if (transport == ServerConfig.Transport.HELIDON) {
        assertThat(client.trailers(1)).containsEntry("grpc-status", "4");
      } else {
        // grpc-java resets the stream: its client has noticed by itself.
        RawClient.Frame frame = client.next();
        assertThat(frame.type()).isIn(RawClient.RST_STREAM, RawClient.HEADERS);
      }
    }
    assertThat(deadlines).containsExactly(true);
  }

  @Test
  void aDeadlineThatPassesEndsTheHandlersContext() {
    CountDownLatch ended = new CountDownLatch(1);
    running.probe.unary =
        (request, answer) ->
            Context.current().addListener(context -> ended.countDown(), Runnable::run);
    StatusRuntimeException failure =
        catchThrowableOfType(
            StatusRuntimeException.class,
            () ->
                running
                    .blocking()
                    .withDeadlineAfter(1_000, TimeUnit.MILLISECONDS)
                    .getExecution(REQUEST));
    assertThat(failure.getStatus().getCode()).isEqualTo(Status.Code.DEADLINE_EXCEEDED);
    assertThat(awaited(ended)).isTrue();
  }

  @Test
  void theServersMaximumEndsCallsWithoutADeadline() throws Exception {
    try (RunningServer strict =
        RunningServer.start(transport, Map.of("server.grpc.max-call-duration", "200ms"))) {
      strict.probe.unary = (request, answer) -> waitForEnd(Context.current());
      StatusRuntimeException failure =
          catchThrowableOfType(
              StatusRuntimeException.class,
              () ->
                  io.athena.procedures.v1.ExecutionServiceGrpc.newBlockingStub(strict.channel)
                      .getExecution(REQUEST));
      assertThat(failure.getStatus().getCode()).isEqualTo(Status.Code.DEADLINE_EXCEEDED);
    }
  }

  @Test
  void aMalformedTimeoutIsRefused() throws Exception {
    if (transport == ServerConfig.Transport.HELIDON) {
      try (RawClient client = new RawClient(running.server.port())) {
        client.call(1, "GetExecution", new RawClient.HeaderBlock().literal("grpc-timeout", "soon"));
        client.message(1, REQUEST.toByteArray());
        assertThat(client.trailers(1)).containsEntry("grpc-status", "3");
      }
    }
    assertThat(running.blocking().getExecution(REQUEST))
        .isEqualTo(GetExecutionResponse.getDefaultInstance());
  }

  @Test
  void aCompressedRequestIsRefusedWithTheEncodingThatIsTaken() {
    GetExecutionRequest large =
        GetExecutionRequest.newBuilder().setExecutionId("0123456789".repeat(10_000)).build();
    StatusRuntimeException failure =
        catchThrowableOfType(
            StatusRuntimeException.class,
            () -> running.blocking().withCompression("gzip").getExecution(large));
    assertThat(failure.getStatus().getCode()).isEqualTo(Status.Code.UNIMPLEMENTED);
    assertThat(
            Objects.requireNonNull(failure.getTrailers())
                .get(Metadata.Key.of("grpc-accept-encoding", Metadata.ASCII_STRING_MARSHALLER)))
        .isEqualTo("identity");
    assertThat(running.blocking().getExecution(large))
        .isEqualTo(GetExecutionResponse.getDefaultInstance());
  }

  private static void waitForEnd(Context context) {
    CountDownLatch ended = new CountDownLatch(1);
    context.addListener(over -> ended.countDown(), Runnable::run);
    awaited(ended);
  }

  private static boolean awaited(CountDownLatch latch) {
    try {
      return latch.await(5, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
