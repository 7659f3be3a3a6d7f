package io.athena.procedures.rpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import io.athena.procedures.config.Configuration;
import io.athena.procedures.config.ServerConfig;
import io.athena.procedures.error.UnauthenticatedException;
import io.athena.procedures.v1.ExecutionServiceGrpc;
import io.athena.procedures.v1.GetExecutionRequest;
import io.athena.procedures.v1.GetExecutionResponse;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.reflection.v1.ServerReflectionGrpc;
import io.grpc.reflection.v1.ServerReflectionRequest;
import io.grpc.reflection.v1.ServerReflectionResponse;
import io.grpc.stub.StreamObserver;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

@ParameterizedClass
@EnumSource(ServerConfig.Transport.class)
final class EndpointsTest {
  private static final GetExecutionRequest REQUEST = GetExecutionRequest.getDefaultInstance();

  /** A part whose state the test sets. */
  private record Part(String name, Set<String> services, AtomicBoolean up) implements HealthSource {
    @Override
    public State state() {
      return new State(up.get(), Map.of("where", "in the test"));
    }
  }

  private final ServerConfig.Transport transport;
  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final Part database = new Part("database", Set.of(), new AtomicBoolean(true));
  private final Part sandbox =
      new Part("sandbox", Set.of(ExecutionServiceGrpc.SERVICE_NAME), new AtomicBoolean(true));
  private RunningServer running;

  EndpointsTest(ServerConfig.Transport transport) {
    this.transport = transport;
  }

  @BeforeEach
  void start() throws Exception {
    HttpGuard guard =
        authorization -> {
          if (!"Bearer good".equals(authorization)) {
            throw new UnauthenticatedException("TOKEN_MISSING", "a token is needed", Map.of());
          }
        };
    running =
        RunningServer.start(transport, Map.of(), List.of(), guard, List.of(database, sandbox));
  }

  @AfterEach
  void stop() {
    running.close();
    http.close();
  }

  private HttpResponse<String> get(String path, String... headers) throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + running.server.httpPort() + path));
    if (headers.length > 0) {
      request.headers(headers);
    }
    return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  private ServingStatus health(String service) {
    return HealthGrpc.newBlockingStub(running.channel)
        .withDeadlineAfter(10, TimeUnit.SECONDS)
        .check(HealthCheckRequest.newBuilder().setService(service).build())
        .getStatus();
  }

  private void awaitHealth(String service, ServingStatus status) {
    // Watch answers with every change; it ends with the one that is waited for.
    var changes =
        HealthGrpc.newBlockingStub(running.channel)
            .withDeadlineAfter(10, TimeUnit.SECONDS)
            .watch(HealthCheckRequest.newBuilder().setService(service).build());
    while (changes.next().getStatus() != status) {
      // The next change may be it.
    }
  }

  @Test
  void healthIsToldForEveryServiceAndTheWhole() {
    assertThat(health("")).isEqualTo(ServingStatus.SERVING);
    assertThat(health(ExecutionServiceGrpc.SERVICE_NAME)).isEqualTo(ServingStatus.SERVING);
    sandbox.up().set(false);
    awaitHealth(ExecutionServiceGrpc.SERVICE_NAME, ServingStatus.NOT_SERVING);
    assertThat(health("")).isEqualTo(ServingStatus.SERVING);
    database.up().set(false);
    awaitHealth("", ServingStatus.NOT_SERVING);
    database.up().set(true);
    awaitHealth("", ServingStatus.SERVING);
  }

  @Test
  void healthOverHttpNamesEveryPart() throws Exception {
    HttpResponse<String> healthy = get("/health");
    assertThat(healthy.statusCode()).isEqualTo(200);
    assertThat(healthy.body())
        .contains("\"ready\":true")
        .contains("\"database\":{\"status\":\"UP\",\"where\":\"in the test\"}");
    sandbox.up().set(false);
    assertThat(get("/health/ready").statusCode()).isEqualTo(200);
    database.up().set(false);
    HttpResponse<String> broken = get("/health/ready");
    assertThat(broken.statusCode()).isEqualTo(503);
    assertThat(broken.body()).contains("\"database\":{\"status\":\"DOWN\"");
    assertThat(get("/health/live").statusCode()).isEqualTo(200);
  }

  @Test
  void metricsCountCallsByMethodAndStatusForThoseWithAToken() throws Exception {
    assertThat(running.blocking().getExecution(REQUEST)).isNotNull();
    HttpResponse<String> metrics = get("/metrics", "Authorization", "Bearer good");
    assertThat(metrics.statusCode()).isEqualTo(200);
    assertThat(metrics.body())
        .contains(
            "athena_grpc_calls_seconds_count{method=\"athena.procedures.v1.ExecutionService/GetExecution\",status=\"OK\"} 1")
        .contains("athena_grpc_calls_active 0");
    assertThat(get("/metrics").statusCode()).isEqualTo(401);
  }

  @Test
  void reflectionTellsTheServicesAndTheirFiles() throws Exception {
    List<ServerReflectionResponse> answers =
        reflect(
            ServerReflectionRequest.newBuilder().setListServices("").build(),
            ServerReflectionRequest.newBuilder()
                .setFileContainingSymbol(ExecutionServiceGrpc.SERVICE_NAME)
                .build());
    assertThat(answers.getFirst().getListServicesResponse().getServiceList())
        .extracting(service -> service.getName())
        .contains(ExecutionServiceGrpc.SERVICE_NAME, "grpc.health.v1.Health");
    FileDescriptorProto file =
        FileDescriptorProto.parseFrom(
            answers.get(1).getFileDescriptorResponse().getFileDescriptorProto(0));
    assertThat(file.getName()).isEqualTo("athena/procedures/v1/execution_service.proto");
  }

  private List<ServerReflectionResponse> reflect(ServerReflectionRequest... requests)
      throws Exception {
    Collecting<ServerReflectionResponse> answers = new Collecting<>();
    StreamObserver<ServerReflectionRequest> asking =
        ServerReflectionGrpc.newStub(running.channel)
            .withDeadlineAfter(10, TimeUnit.SECONDS)
            .serverReflectionInfo(answers);
    for (ServerReflectionRequest request : requests) {
      asking.onNext(request);
    }
    asking.onCompleted();
    assertThat(answers.end.get(10, TimeUnit.SECONDS)).isEqualTo(Status.Code.OK);
    return answers.answers;
  }

  @Test
  void aStopLetsRunningCallsEndAndRefusesNewOnes() throws Exception {
    CountDownLatch started = new CountDownLatch(1);
    CountDownLatch release = new CountDownLatch(1);
    running.probe.unary =
        (request, answer) -> {
          started.countDown();
          awaited(release);
          answer.onNext(GetExecutionResponse.getDefaultInstance());
          answer.onCompleted();
        };
    Collecting<GetExecutionResponse> answers = new Collecting<>();
    running.async().getExecution(REQUEST, answers);
    assertThat(awaited(started)).isTrue();
    Thread stopping = Thread.ofVirtual().start(running.server::drain);
    awaitHealth("", ServingStatus.NOT_SERVING);
    awaitHealth(ExecutionServiceGrpc.SERVICE_NAME, ServingStatus.NOT_SERVING);
    assertThat(get("/health/ready").statusCode()).isEqualTo(503);
    assertThat(refusalOfNextCall()).isEqualTo(Status.Code.UNAVAILABLE);
    assertThat(stopping.isAlive()).isTrue();
    release.countDown();
    assertThat(answers.end.get(10, TimeUnit.SECONDS)).isEqualTo(Status.Code.OK);
    stopping.join();
  }

  /** Health is told before calls are refused: what comes in between is still served. */
  private Status.Code refusalOfNextCall() {
    running.probe.unary =
        (request, answer) -> {
          answer.onNext(GetExecutionResponse.getDefaultInstance());
          answer.onCompleted();
        };
    for (int attempt = 0; attempt < 1_000; attempt++) {
      try {
        GetExecutionResponse _ = running.blocking().getExecution(REQUEST);
      } catch (StatusRuntimeException e) {
        return e.getStatus().getCode();
      }
    }
    return Status.Code.OK;
  }

  @Test
  void aStopGivesUpOnCallsThatDoNotEnd() throws Exception {
    CountDownLatch started = new CountDownLatch(1);
    CountDownLatch ended = new CountDownLatch(1);
    try (RunningServer hasty =
        RunningServer.start(transport, Map.of("server.shutdown.limit", "100ms"))) {
      hasty.probe.unary =
          (request, answer) -> {
            io.grpc.Context.current().addListener(context -> ended.countDown(), Runnable::run);
            started.countDown();
          };
      hasty.async().getExecution(REQUEST, new Collecting<>());
      assertThat(awaited(started)).isTrue();
      hasty.server.drain();
      hasty.server.close();
      assertThat(awaited(ended)).isTrue();
    }
  }

  @Test
  void aPortThatIsTakenIsToldInOneLine() throws Exception {
    ServerConfig config =
        Configuration.load(
                null,
                Map.of(),
                Map.of(
                    "server.port",
                    Integer.toString(running.server.port()),
                    "server.http-port",
                    "0",
                    "server.grpc.transport",
                    transport.name().toLowerCase(Locale.ROOT)))
            .server();
    RpcServer.Parts parts =
        new RpcServer.Parts(
            List.of(),
            List.of(),
            Map.of(),
            authorization -> {},
            List.of(),
            new StatusMapping(failure -> null, () -> 0),
            new PrometheusMeterRegistry(PrometheusConfig.DEFAULT));
    assertThatThrownBy(() -> RpcServer.start(config, parts))
        .isInstanceOf(ListenException.class)
        .hasMessage(
            "127.0.0.1:%d is taken by another program; choose another with --port, or --port 0 for any free one",
            running.server.port());
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
