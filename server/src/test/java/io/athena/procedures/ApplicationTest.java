package io.athena.procedures;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import io.athena.procedures.config.Configuration;
import io.athena.procedures.config.ServerConfig;
import io.athena.procedures.rpc.HelidonMends;
import io.athena.procedures.v1.CodeVersion;
import io.athena.procedures.v1.ExecuteProcedureRequest;
import io.athena.procedures.v1.ExecuteProcedureResponse;
import io.athena.procedures.v1.ExecutionEvent;
import io.athena.procedures.v1.ExecutionServiceGrpc;
import io.athena.procedures.v1.GetProcedureStatsRequest;
import io.athena.procedures.v1.Outcome;
import io.athena.procedures.v1.Parameter;
import io.athena.procedures.v1.ParameterType;
import io.athena.procedures.v1.Procedure;
import io.athena.procedures.v1.ProcedureServiceGrpc;
import io.athena.procedures.v1.RememberProcedureRequest;
import io.athena.procedures.v1.SaveProcedureCodeRequest;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.MetadataUtils;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The whole server: real database, real containers, real transport, stock client. */
final class ApplicationTest {
  /** Of "open sesame". */
  private static final String DIGEST =
      "41ef4bb0b23661e66301aac36066912dac037827b4ae63a7b1165a5aa93ed4eb";

  @TempDir private static Path directory;

  @BeforeAll
  static void mendHelidon() throws Exception {
    AgentForTests.load(HelidonMends.class);
    assertThat(HelidonMends.problem()).isNull();
  }

  private static Application start(ServerConfig.Transport transport, Path tokens) throws Exception {
    return Application.start(
        Configuration.load(
            null,
            Map.of(),
            Map.of(
                "server.port",
                "0",
                "server.http-port",
                "0",
                "server.data-dir",
                directory.resolve("data").toString(),
                "server.auth.tokens-file",
                tokens.toString(),
                "server.grpc.transport",
                transport.name().toLowerCase(Locale.ROOT))),
        Clock.systemUTC());
  }

  /** A client with the token. */
  private record Client(ManagedChannel channel) implements AutoCloseable {
    static Client of(Application application) {
      Metadata headers = new Metadata();
      headers.put(
          Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER), "Bearer open sesame");
      return new Client(
          NettyChannelBuilder.forAddress("127.0.0.1", application.port())
              .usePlaintext()
              .intercept(MetadataUtils.newAttachHeadersInterceptor(headers))
              .build());
    }

    ProcedureServiceGrpc.ProcedureServiceBlockingStub procedures() {
      return ProcedureServiceGrpc.newBlockingStub(channel).withDeadlineAfter(60, TimeUnit.SECONDS);
    }

    ExecutionServiceGrpc.ExecutionServiceBlockingStub executions() {
      return ExecutionServiceGrpc.newBlockingStub(channel).withDeadlineAfter(60, TimeUnit.SECONDS);
    }

    /** Remembers a procedure with one parameter {@code n} and that code; gives its id. */
    long remember(String name, String code) {
      long id =
          procedures()
              .rememberProcedure(
                  RememberProcedureRequest.newBuilder()
                      .setProcedure(
                          Procedure.newBuilder()
                              .setName(name)
                              .addParameters(
                                  Parameter.newBuilder()
                                      .setName("n")
                                      .setType(ParameterType.PARAMETER_TYPE_INTEGER)
                                      .setRequired(true))
                              .build())
                      .build())
              .getProcedure()
              .getProcedureId();
      CodeVersion version =
          procedures()
              .saveProcedureCode(
                  SaveProcedureCodeRequest.newBuilder().setProcedureId(id).setCode(code).build())
              .getVersion();
      assertThat(version.getAuthor()).isEqualTo("alice");
      return id;
    }

    Iterator<ExecuteProcedureResponse> execute(long id, int n) {
      return executions()
          .executeProcedure(
              ExecuteProcedureRequest.newBuilder()
                  .setProcedureId(id)
                  .setParameters(
                      Struct.newBuilder()
                          .putFields("n", Value.newBuilder().setNumberValue(n).build()))
                  .build());
    }

    @Override
    public void close() {
      channel.shutdownNow();
    }
  }

  private static Path tokens() throws Exception {
    return Files.writeString(directory.resolve("tokens"), "alice:" + DIGEST + "\n");
  }

  @ParameterizedTest
  @EnumSource(ServerConfig.Transport.class)
  void aProcedureIsRememberedRunAndCountedAndOutlivesItsServer(ServerConfig.Transport transport)
      throws Exception {
    long id;
    try (Application application = start(transport, tokens());
        Client client = Client.of(application)) {
      id =
          client.remember(
              "double_" + transport.name().toLowerCase(Locale.ROOT),
              "def main(n):\n    print('doubling', n)\n    return {'result': 2 * n}\n");
      List<ExecutionEvent> events = new ArrayList<>();
      client.execute(id, 21).forEachRemaining(answer -> events.add(answer.getEvent()));
      ExecutionEvent.Completed completed = events.getLast().getCompleted();
      assertThat(completed.getOutcome()).isEqualTo(Outcome.OUTCOME_SUCCESS);
      assertThat(completed.getResult().getStructValue().getFieldsOrThrow("result").getNumberValue())
          .isEqualTo(42);
      assertThat(events)
          .anySatisfy(event ->
              assertThat(event.getOutput().getData().toStringUtf8()).isEqualTo("doubling 21\n"));
    }
    try (Application again = start(transport, tokens());
        Client client = Client.of(again)) {
      assertThat(
              client
                  .procedures()
                  .getProcedureStats(
                      GetProcedureStatsRequest.newBuilder().setProcedureId(id).build())
                  .getTotal()
                  .getSuccessCount())
          .isEqualTo(1);
    }
  }

  @Test
  void aStopWaitsForARunThatIsUnderWay() throws Exception {
    try (Application application = start(ServerConfig.Transport.HELIDON, tokens());
        Client client = Client.of(application)) {
      long id =
          client.remember(
              "slow",
              "import time\ndef main(n):\n    print('begun', flush=True)\n    time.sleep(n)\n");
      Iterator<ExecuteProcedureResponse> answers = client.execute(id, 2);
      while (!answers.next().getEvent().hasOutput()) {
        // Accepted and Started come first.
      }
      Thread stopping = Thread.ofVirtual().start(application::close);
      ExecutionEvent last = ExecutionEvent.getDefaultInstance();
      while (answers.hasNext()) {
        last = answers.next().getEvent();
      }
      assertThat(last.getCompleted().getOutcome()).isEqualTo(Outcome.OUTCOME_SUCCESS);
      stopping.join();
    }
  }
}
