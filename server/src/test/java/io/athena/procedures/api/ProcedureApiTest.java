package io.athena.procedures.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.rpc.BadRequest;
import com.google.rpc.ErrorInfo;
import io.athena.procedures.config.Configuration;
import io.athena.procedures.db.DatabaseFailures;
import io.athena.procedures.db.TestDatabase;
import io.athena.procedures.execution.RealWorker;
import io.athena.procedures.execution.SandboxClient;
import io.athena.procedures.execution.TrialRuns;
import io.athena.procedures.generation.ModelBudget;
import io.athena.procedures.rpc.RpcServer;
import io.athena.procedures.rpc.StatusMapping;
import io.athena.procedures.v1.ExecutionLimits;
import io.athena.procedures.v1.ExecutionStats;
import io.athena.procedures.v1.ExportProceduresRequest;
import io.athena.procedures.v1.ForgetProcedureRequest;
import io.athena.procedures.v1.GetProcedureRequest;
import io.athena.procedures.v1.GetProcedureStatsRequest;
import io.athena.procedures.v1.GetProcedureVersionRequest;
import io.athena.procedures.v1.ImportProceduresRequest;
import io.athena.procedures.v1.ImportProceduresResponse;
import io.athena.procedures.v1.ListProcedureVersionsRequest;
import io.athena.procedures.v1.ListProceduresRequest;
import io.athena.procedures.v1.Procedure;
import io.athena.procedures.v1.ProcedureServiceGrpc;
import io.athena.procedures.v1.ProcedureServiceGrpc.ProcedureServiceBlockingStub;
import io.athena.procedures.v1.RecallProceduresRequest;
import io.athena.procedures.v1.RememberProcedureRequest;
import io.athena.procedures.v1.SaveProcedureCodeRequest;
import io.athena.procedures.v1.SaveProcedureCodeResponse;
import io.athena.procedures.v1.SearchProceduresByConfidenceRequest;
import io.athena.procedures.v1.UpdateProcedureRequest;
import io.athena.procedures.validation.ProjectPolicies;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.protobuf.StatusProto;
import io.grpc.stub.StreamObserver;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The service as clients meet it: behind the guards of a server, over a connection. */
class ProcedureApiTest {
  @RegisterExtension static final TestDatabase database = TestDatabase.create();

  private static RealWorker worker;
  private static RpcServer server;
  private static ManagedChannel channel;
  private static ProcedureServiceBlockingStub service;

  @BeforeAll
  static void start() throws Exception {
    worker = new RealWorker();
    ProcedureApi api =
        ProcedureApi.on(
            database.jdbi(),
            Clock.systemUTC(),
            () -> "anonymous",
            new ProjectPolicies(database.jdbi(), Clock.systemUTC(), () -> "anonymous"),
            (handle, procedureId) -> false,
            (response, procedureId) ->
                response.setTotal(ExecutionStats.newBuilder().setUsageCount(7)),
            List.of(worker.channel()),
            new TrialRuns(
                new SandboxClient(
                    Map.of("none", InProcessChannelBuilder.forName("no such worker").build())),
                ExecutionLimits.getDefaultInstance()),
            Optional.empty(),
            new ModelBudget(100_000, 1_000));
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
                        "server.grpc.transport", "netty"))
                .server(),
            new RpcServer.Parts(
                List.of(api),
                List.of(),
                Map.of(),
                authorization -> {},
                List.of(),
                new StatusMapping(
                    failure -> DatabaseFailures.toServiceException(failure).orElse(null), () -> 1),
                new PrometheusMeterRegistry(PrometheusConfig.DEFAULT)));
    channel = NettyChannelBuilder.forAddress("127.0.0.1", server.port()).usePlaintext().build();
    service = ProcedureServiceGrpc.newBlockingStub(channel);
  }

  @AfterAll
  static void stop() throws IOException {
    channel.shutdownNow();
    server.close();
    worker.close();
  }

  @Test
  void aProcedureGoesThroughItsLife() {
    Procedure procedure = remember("life");
    long id = procedure.getProcedureId();
    Procedure updated =
        service
            .updateProcedure(
                UpdateProcedureRequest.newBuilder()
                    .setProcedure(procedure.toBuilder().setDescription("Lives"))
                    .build())
            .getProcedure();
    SaveProcedureCodeResponse saved =
        service.saveProcedureCode(
            SaveProcedureCodeRequest.newBuilder()
                .setProcedureId(id)
                .setCode("print('alive')")
                .setEtag(updated.getEtag())
                .build());

    Procedure current =
        service
            .getProcedure(GetProcedureRequest.newBuilder().setName("life").build())
            .getProcedure();
    assertThat(current.getDescription()).isEqualTo("Lives");
    assertThat(current.getCurrentVersion()).isEqualTo(1);
    assertThat(current.getEtag()).isEqualTo(saved.getEtag());
    assertThat(
            service.listProcedures(ListProceduresRequest.getDefaultInstance()).getProceduresList())
        .contains(current);
    assertThat(
            service
                .recallProcedures(RecallProceduresRequest.newBuilder().setQuery("lives").build())
                .getMatches(0)
                .getProcedure())
        .isEqualTo(current);
    assertThat(
            service
                .searchProceduresByConfidence(
                    SearchProceduresByConfidenceRequest.newBuilder().setMinConfidence(0.1).build())
                .getProceduresList())
        .containsExactly(current);
    assertThat(
            service
                .getProcedureVersion(
                    GetProcedureVersionRequest.newBuilder().setProcedureId(id).build())
                .getVersion()
                .getCode())
        .isEqualTo("print('alive')");
    assertThat(
            service
                .listProcedureVersions(
                    ListProcedureVersionsRequest.newBuilder().setProcedureId(id).build())
                .getVersionsList())
        .containsExactly(saved.getVersion());
    var stats =
        service.getProcedureStats(GetProcedureStatsRequest.newBuilder().setProcedureId(id).build());
    assertThat(stats.getName()).isEqualTo("life");
    assertThat(stats.getCodeConfidence()).isEqualTo(current.getConfidence());
    assertThat(stats.getTotal().getUsageCount()).isEqualTo(7);
    service.forgetProcedure(ForgetProcedureRequest.newBuilder().setProcedureId(id).build());
    assertStatus(
        () -> service.getProcedure(GetProcedureRequest.newBuilder().setProcedureId(id).build()),
        Status.Code.NOT_FOUND,
        "PROCEDURE_NOT_FOUND");
  }

  @Test
  void failuresCarryTheirReasons() throws Exception {
    Procedure procedure = remember("reasons");

    assertStatus(() -> remember("reasons"), Status.Code.ALREADY_EXISTS, "PROCEDURE_ALREADY_EXISTS");
    assertStatus(
        () ->
            service.forgetProcedure(
                ForgetProcedureRequest.newBuilder()
                    .setProcedureId(procedure.getProcedureId())
                    .setEtag("old")
                    .build()),
        Status.Code.ABORTED,
        "ETAG_MISMATCH");
    assertStatus(
        () ->
            service.getProcedureVersion(
                GetProcedureVersionRequest.newBuilder()
                    .setProcedureId(procedure.getProcedureId())
                    .build()),
        Status.Code.NOT_FOUND,
        "VERSION_NOT_FOUND");
    assertStatus(
        () ->
            service.getProcedureStats(
                GetProcedureStatsRequest.newBuilder().setProcedureId(99_999).build()),
        Status.Code.NOT_FOUND,
        "PROCEDURE_NOT_FOUND");
    StatusRuntimeException invalid =
        assertStatus(() -> remember(""), Status.Code.INVALID_ARGUMENT, "INVALID_ARGUMENT");
    assertThat(detail(invalid, BadRequest.class).getFieldViolationsList())
        .extracting(BadRequest.FieldViolation::getField)
        .containsExactly("procedure.name");
  }

  @Test
  void whatIsExportedCanBeImportedAgainAndAgain() {
    Procedure procedure = remember("exported");
    service.saveProcedureCode(
        SaveProcedureCodeRequest.newBuilder()
            .setProcedureId(procedure.getProcedureId())
            .setCode("print('moved')")
            .build());
    List<ImportProceduresRequest> items = new ArrayList<>();
    service
        .exportProcedures(ExportProceduresRequest.getDefaultInstance())
        .forEachRemaining(exported ->
            items.add(
                ImportProceduresRequest.newBuilder()
                    .setProcedure(exported.getProcedure())
                    .setCode(exported.getCode())
                    .build()));
    assertThat(items).anySatisfy(item -> assertThat(item.getCode()).isEqualTo("print('moved')"));

    ImportProceduresResponse first = importAll(options(), items);
    ImportProceduresResponse again = importAll(options(), items);

    assertThat(first.getErrorsList()).isEmpty();
    assertThat(first.getImportedCount()).isEqualTo(items.size());
    assertThat(again.getUnchangedCount()).isEqualTo(items.size());
    assertThat(again.getProcedureIdsList()).isEqualTo(first.getProcedureIdsList());
    assertThat(
            service
                .getProcedure(
                    GetProcedureRequest.newBuilder()
                        .setProject("moved")
                        .setName("exported")
                        .build())
                .getProcedure()
                .getCurrentVersion())
        .isEqualTo(1);
  }

  @Test
  void anItemThatIsRefusedIsToldAndKeepsTheOthersOutOnlyIfAsked() {
    List<ImportProceduresRequest> items =
        List.of(item("good", "first"), item("", "second"), item("fine", "third"));

    ImportProceduresResponse none = importAll(options().setAllOrNothing(true), items);
    ImportProceduresResponse some = importAll(options(), items);
    ImportProceduresResponse other = importAll(options(), List.of(item("good", "another")));
    ImportProceduresResponse replaced =
        importAll(options().setReplaceExisting(true), List.of(item("good", "another")));

    assertThat(none.getImportedCount()).isZero();
    assertThat(none.getErrors(0).getIndex()).isEqualTo(1);
    assertThat(none.getErrors(0).getMessage()).contains("name");
    assertThat(some.getImportedCount()).isEqualTo(2);
    assertThat(some.getProcedureIdsList().get(1)).isZero();
    assertThat(other.getErrors(0).getMessage()).contains("already");
    assertThat(replaced.getReplacedCount()).isEqualTo(1);
  }

  private static ImportProceduresRequest item(String name, String description) {
    return ImportProceduresRequest.newBuilder()
        .setProcedure(Procedure.newBuilder().setName(name).setDescription(description))
        .build();
  }

  private static ImportProceduresRequest.Options.Builder options() {
    return ImportProceduresRequest.Options.newBuilder().setProject("moved");
  }

  private static ImportProceduresResponse importAll(
      ImportProceduresRequest.Options.Builder options, List<ImportProceduresRequest> items) {
    CompletableFuture<ImportProceduresResponse> answer = new CompletableFuture<>();
    StreamObserver<ImportProceduresRequest> stream =
        ProcedureServiceGrpc.newStub(channel)
            .importProcedures(
                new StreamObserver<>() {
                  @Override
                  public void onNext(ImportProceduresResponse response) {
                    answer.complete(response);
                  }

                  @Override
                  public void onError(Throwable failure) {
                    answer.completeExceptionally(failure);
                  }

                  @Override
                  public void onCompleted() {
                    answer.completeExceptionally(new AssertionError("no answer"));
                  }
                });
    stream.onNext(ImportProceduresRequest.newBuilder().setOptions(options).build());
    items.forEach(stream::onNext);
    stream.onCompleted();
    return answer.join();
  }

  private static Procedure remember(String name) {
    return service
        .rememberProcedure(
            RememberProcedureRequest.newBuilder()
                .setProcedure(Procedure.newBuilder().setName(name))
                .build())
        .getProcedure();
  }

  private static StatusRuntimeException assertStatus(
      ThrowingCallable call, Status.Code code, String reason) {
    StatusRuntimeException[] seen = new StatusRuntimeException[1];
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            StatusRuntimeException.class,
            failure -> {
              assertThat(failure.getStatus().getCode()).isEqualTo(code);
              assertThat(detail(failure, ErrorInfo.class).getReason()).isEqualTo(reason);
              seen[0] = failure;
            });
    return seen[0];
  }

  private static <T extends Message> T detail(StatusRuntimeException failure, Class<T> type) {
    try {
      for (Any detail :
          Objects.requireNonNull(StatusProto.fromThrowable(failure)).getDetailsList()) {
        if (detail.is(type)) {
          return detail.unpack(type);
        }
      }
    } catch (InvalidProtocolBufferException e) {
      throw new AssertionError("the details cannot be read", e);
    }
    throw new AssertionError("there is no " + type.getSimpleName());
  }
}
