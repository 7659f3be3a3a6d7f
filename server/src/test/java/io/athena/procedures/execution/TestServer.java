package io.athena.procedures.execution;

import com.fasterxml.uuid.Generators;
import com.fasterxml.uuid.impl.TimeBasedEpochGenerator;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.util.JsonFormat;
import io.athena.procedures.code.RunJudge;
import io.athena.procedures.config.ConfigException;
import io.athena.procedures.config.Configuration;
import io.athena.procedures.rpc.ListenException;
import io.athena.procedures.rpc.RpcServer;
import io.athena.procedures.rpc.StatusMapping;
import io.athena.procedures.v1.ExecuteProcedureRequest;
import io.athena.procedures.v1.ExecuteProcedureResponse;
import io.athena.procedures.v1.Execution;
import io.athena.procedures.v1.ExecutionEvent;
import io.athena.procedures.v1.ExecutionServiceGrpc;
import io.athena.procedures.v1.GetExecutionRequest;
import io.athena.procedures.v1.Parameter;
import io.athena.procedures.v1.Procedure;
import io.athena.procedures.v1.WatchExecutionRequest;
import io.athena.procedures.v1.WatchExecutionResponse;
import io.grpc.Channel;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jdbi.v3.core.Jdbi;

/** A server of executions, called as clients call it. */
final class TestServer implements AutoCloseable {
  private static final TimeBasedEpochGenerator IDS = Generators.timeBasedEpochGenerator();

  private final ExecutionFeature feature;
  private final RpcServer server;
  private final ManagedChannel channel;
  private final Jdbi jdbi;

  TestServer(Jdbi jdbi, Channel worker, ExecutionSettings settings) throws InterruptedException {
    this(jdbi, worker, settings, System.getProperty("athena.test.transport", "netty"));
  }

  TestServer(Jdbi jdbi, Channel worker, ExecutionSettings settings, String transport)
      throws InterruptedException {
    this(jdbi, worker, settings, transport, code -> {});
  }

  TestServer(
      Jdbi jdbi, Channel worker, ExecutionSettings settings, String transport, RunJudge judge)
      throws InterruptedException {
    this.jdbi = jdbi;
    feature =
        ExecutionFeature.start(
            jdbi,
            new SandboxClient(Map.of("worker", worker)),
            judge,
            settings,
            Clock.systemUTC(),
            IDS::generate);
    try {
      server =
          RpcServer.start(
              Configuration.load(
                      null,
                      Map.of(),
                      Map.of(
                          "server.port", "0",
                          "server.http-port", "0",
                          "server.shutdown.announce", "0s",
                          "server.shutdown.limit", "1s",
                          "server.grpc.transport", transport))
                  .server(),
              new RpcServer.Parts(
                  List.of(feature.service()),
                  List.of(),
                  Map.of(),
                  authorization -> {},
                  List.of(),
                  new StatusMapping(failure -> null, () -> 1),
                  new PrometheusMeterRegistry(PrometheusConfig.DEFAULT)));
    } catch (ConfigException | ListenException e) {
      throw new AssertionError("the server cannot start", e);
    }
    channel = NettyChannelBuilder.forAddress("127.0.0.1", server.port()).usePlaintext().build();
  }

  ExecutionServiceGrpc.ExecutionServiceBlockingStub stub() {
    return ExecutionServiceGrpc.newBlockingStub(channel);
  }

  ExecutionServiceGrpc.ExecutionServiceStub asyncStub() {
    return ExecutionServiceGrpc.newStub(channel);
  }

  ExecutionFeature feature() {
    return feature;
  }

  /** Runs to the end; all events. */
  List<ExecutionEvent> execute(ExecuteProcedureRequest request) {
    List<ExecutionEvent> events = new ArrayList<>();
    stub()
        .executeProcedure(request)
        .forEachRemaining((ExecuteProcedureResponse response) -> events.add(response.getEvent()));
    return events;
  }

  /** Watches to the end; all events. */
  List<ExecutionEvent> watch(String executionId, long after) {
    List<ExecutionEvent> events = new ArrayList<>();
    stub()
        .watchExecution(
            WatchExecutionRequest.newBuilder()
                .setExecutionId(executionId)
                .setAfterSequence(after)
                .build())
        .forEachRemaining((WatchExecutionResponse response) -> events.add(response.getEvent()));
    return events;
  }

  Execution get(String executionId) {
    return stub()
        .getExecution(GetExecutionRequest.newBuilder().setExecutionId(executionId).build())
        .getExecution();
  }

  /** A procedure with one version of code; none if it is empty. Its id. */
  static long procedure(Jdbi jdbi, String name, String code, Parameter... parameters) {
    String definition;
    try {
      definition =
          JsonFormat.printer()
              .print(Procedure.newBuilder().addAllParameters(List.of(parameters)).build());
    } catch (InvalidProtocolBufferException e) {
      throw new AssertionError(e);
    }
    int version = code.isEmpty() ? 0 : 1;
    return jdbi.inTransaction(handle -> {
      long id =
          handle
              .createQuery(
                  """
                  insert into procedure (project, name, category, description, definition,
                    steps_text, created_by, create_time, update_time, current_version)
                  values ('default', :name, '', '', :definition::jsonb, '', '', now(), now(), :version)
                  returning procedure_id
                  """)
              .bind("name", name)
              .bind("definition", definition)
              .bind("version", version)
              .mapTo(Long.class)
              .one();
      if (version == 1) {
        handle
            .createUpdate(
                """
                insert into code_version (procedure_id, version, code, sha256, size_bytes, author,
                  message, create_time)
                values (:id, 1, :code, '', 1, '', '', now())
                """)
            .bind("id", id)
            .bind("code", code)
            .execute();
      }
      return id;
    });
  }

  long procedure(String name, String code, Parameter... parameters) {
    return procedure(jdbi, name, code, parameters);
  }

  static ExecuteProcedureRequest call(long procedureId) {
    return ExecuteProcedureRequest.newBuilder().setProcedureId(procedureId).build();
  }

  @Override
  public void close() {
    channel.shutdownNow();
    feature.close();
    server.close();
  }
}
