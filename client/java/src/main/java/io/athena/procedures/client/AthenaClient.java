package io.athena.procedures.client;

import io.athena.procedures.v1.CancelExecutionRequest;
import io.athena.procedures.v1.CancelExecutionResponse;
import io.athena.procedures.v1.DiffProcedureVersionsRequest;
import io.athena.procedures.v1.DiffProcedureVersionsResponse;
import io.athena.procedures.v1.DownloadArtifactRequest;
import io.athena.procedures.v1.DownloadArtifactResponse;
import io.athena.procedures.v1.ExecuteProcedureRequest;
import io.athena.procedures.v1.ExecuteProcedureResponse;
import io.athena.procedures.v1.Execution;
import io.athena.procedures.v1.ExecutionEvent;
import io.athena.procedures.v1.ExecutionServiceGrpc;
import io.athena.procedures.v1.ExecutionServiceGrpc.ExecutionServiceBlockingV2Stub;
import io.athena.procedures.v1.ExportProceduresRequest;
import io.athena.procedures.v1.ExportProceduresResponse;
import io.athena.procedures.v1.ForgetProcedureRequest;
import io.athena.procedures.v1.ForgetProcedureResponse;
import io.athena.procedures.v1.GenerateProcedureCodeRequest;
import io.athena.procedures.v1.GenerateProcedureCodeResponse;
import io.athena.procedures.v1.GetExecutionRequest;
import io.athena.procedures.v1.GetExecutionResponse;
import io.athena.procedures.v1.GetProcedureRequest;
import io.athena.procedures.v1.GetProcedureResponse;
import io.athena.procedures.v1.GetProcedureStatsRequest;
import io.athena.procedures.v1.GetProcedureStatsResponse;
import io.athena.procedures.v1.GetProcedureVersionRequest;
import io.athena.procedures.v1.GetProcedureVersionResponse;
import io.athena.procedures.v1.GetValidationPolicyRequest;
import io.athena.procedures.v1.ImportProceduresRequest;
import io.athena.procedures.v1.ImportProceduresResponse;
import io.athena.procedures.v1.ListExecutionsRequest;
import io.athena.procedures.v1.ListExecutionsResponse;
import io.athena.procedures.v1.ListProcedureVersionsRequest;
import io.athena.procedures.v1.ListProcedureVersionsResponse;
import io.athena.procedures.v1.ListProceduresRequest;
import io.athena.procedures.v1.ListProceduresResponse;
import io.athena.procedures.v1.ListValidationRulesRequest;
import io.athena.procedures.v1.ListValidationRulesResponse;
import io.athena.procedures.v1.Procedure;
import io.athena.procedures.v1.ProcedureServiceGrpc;
import io.athena.procedures.v1.ProcedureServiceGrpc.ProcedureServiceBlockingV2Stub;
import io.athena.procedures.v1.RecallProceduresRequest;
import io.athena.procedures.v1.RecallProceduresResponse;
import io.athena.procedures.v1.RememberProcedureRequest;
import io.athena.procedures.v1.RememberProcedureResponse;
import io.athena.procedures.v1.RollbackProcedureCodeRequest;
import io.athena.procedures.v1.RollbackProcedureCodeResponse;
import io.athena.procedures.v1.RunProcedureRequest;
import io.athena.procedures.v1.RunProcedureResponse;
import io.athena.procedures.v1.SaveProcedureCodeRequest;
import io.athena.procedures.v1.SaveProcedureCodeResponse;
import io.athena.procedures.v1.SearchProceduresByConfidenceRequest;
import io.athena.procedures.v1.SearchProceduresByConfidenceResponse;
import io.athena.procedures.v1.SetValidationPolicyRequest;
import io.athena.procedures.v1.SubmitExecutionRequest;
import io.athena.procedures.v1.TagProcedureVersionRequest;
import io.athena.procedures.v1.TagProcedureVersionResponse;
import io.athena.procedures.v1.UntagProcedureVersionRequest;
import io.athena.procedures.v1.UntagProcedureVersionResponse;
import io.athena.procedures.v1.UpdateProcedureRequest;
import io.athena.procedures.v1.UpdateProcedureResponse;
import io.athena.procedures.v1.ValidateProcedureCodeRequest;
import io.athena.procedures.v1.ValidateProcedureCodeResponse;
import io.athena.procedures.v1.ValidationPolicy;
import io.athena.procedures.v1.WatchExecutionRequest;
import io.athena.procedures.v1.WatchExecutionResponse;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.stub.BlockingClientCall;
import java.util.concurrent.TimeUnit;

/**
 * Blocking client of the procedure service: one method for each of its calls, in the words of its
 * users.
 *
 * <p>Every method throws {@link AthenaException} if the service refuses the call or cannot be
 * reached. A request without a request_id is given one, so that it can be repeated without running
 * twice; calls that only read or carry a request_id are repeated while the service is unavailable.
 * Thread-safe. Closing ends what still runs.
 *
 * <pre>{@code
 * try (AthenaClient client = AthenaClient.builder().address("127.0.0.1:7070").build();
 *     ExecutionStream events = client.executeProcedure(
 *         ExecuteProcedureRequest.newBuilder().setProcedureId(42).build())) {
 *   while (events.hasNext()) {
 *     System.out.println(events.next());
 *   }
 * }
 * }</pre>
 */
public final class AthenaClient implements AutoCloseable {
  /** Where a service without configuration listens. */
  public static final String DEFAULT_ADDRESS = "127.0.0.1:7070";

  private static final int SECONDS_TO_CLOSE = 2;

  private final ManagedChannel channel;
  private final ClientThread thread;
  private final ProcedureServiceBlockingV2Stub procedures;
  private final ExecutionServiceBlockingV2Stub executions;
  private final Retries retries;
  private final RequestIds requestIds;

  AthenaClient(
      ManagedChannel channel, ClientThread thread, Retries retries, RequestIds requestIds) {
    this.channel = channel;
    this.thread = thread;
    this.procedures = ProcedureServiceGrpc.newBlockingV2Stub(channel);
    this.executions = ExecutionServiceGrpc.newBlockingV2Stub(channel);
    this.retries = retries;
    this.requestIds = requestIds;
  }

  /** Begins the set-up of a client. */
  public static AthenaClientBuilder builder() {
    return new AthenaClientBuilder();
  }

  /** Stores a new procedure and gives it as stored, with its id. */
  public Procedure rememberProcedure(Procedure procedure) {
    return rememberProcedure(RememberProcedureRequest.newBuilder().setProcedure(procedure).build())
        .getProcedure();
  }

  /** Gives a procedure by its id. */
  public Procedure getProcedure(long procedureId) {
    return getProcedure(GetProcedureRequest.newBuilder().setProcedureId(procedureId).build())
        .getProcedure();
  }

  /** Gives a procedure of the default project by its name. */
  public Procedure getProcedure(String name) {
    return getProcedure(GetProcedureRequest.newBuilder().setName(name).build()).getProcedure();
  }

  /** Gives one execution by its id. */
  public Execution getExecution(String executionId) {
    return getExecution(GetExecutionRequest.newBuilder().setExecutionId(executionId).build())
        .getExecution();
  }

  /**
   * Ends a running execution and gives its final state. The reason becomes part of the failure's
   * message.
   */
  public Execution cancelExecution(String executionId, String reason) {
    return cancelExecution(
            CancelExecutionRequest.newBuilder()
                .setExecutionId(executionId)
                .setReason(reason)
                .build())
        .getExecution();
  }

  /** Stores a new procedure and gives it as stored, with its id. */
  public RememberProcedureResponse rememberProcedure(RememberProcedureRequest request) {
    RememberProcedureRequest identified = requestIds.ensure(request);
    return retries.repeatedly(() -> procedures.rememberProcedure(identified));
  }

  /** Gives a procedure by its id or its name. */
  public GetProcedureResponse getProcedure(GetProcedureRequest request) {
    return retries.repeatedly(() -> procedures.getProcedure(request));
  }

  /** Gives a page of the procedures of a project, by id. */
  public ListProceduresResponse listProcedures(ListProceduresRequest request) {
    return retries.repeatedly(() -> procedures.listProcedures(request));
  }

  /** Finds procedures by words, best first; typing errors are tolerated. */
  public RecallProceduresResponse recallProcedures(RecallProceduresRequest request) {
    return retries.repeatedly(() -> procedures.recallProcedures(request));
  }

  /** Gives a page of the procedures one can rely on, highest confidence first. */
  public SearchProceduresByConfidenceResponse searchProceduresByConfidence(
      SearchProceduresByConfidenceRequest request) {
    return retries.repeatedly(() -> procedures.searchProceduresByConfidence(request));
  }

  /** Changes the fields of a procedure that the mask names. */
  public UpdateProcedureResponse updateProcedure(UpdateProcedureRequest request) {
    UpdateProcedureRequest identified = requestIds.ensure(request);
    return retries.repeatedly(() -> procedures.updateProcedure(identified));
  }

  /** Removes a procedure with its code, versions, statistics and executions. Never repeated. */
  public ForgetProcedureResponse forgetProcedure(ForgetProcedureRequest request) {
    return retries.once(() -> procedures.forgetProcedure(request));
  }

  /** Examines code without running it. */
  public ValidateProcedureCodeResponse validateProcedureCode(ValidateProcedureCodeRequest request) {
    return retries.repeatedly(() -> procedures.validateProcedureCode(request));
  }

  /** Gives the rules that code is examined by, as grave as a policy takes them. */
  public ListValidationRulesResponse listValidationRules(ListValidationRulesRequest request) {
    return retries.repeatedly(() -> procedures.listValidationRules(request));
  }

  /** Gives the policy that a project's code is held to. */
  public ValidationPolicy getValidationPolicy(GetValidationPolicyRequest request) {
    return retries.repeatedly(() -> procedures.getValidationPolicy(request)).getPolicy();
  }

  /** Gives a project a policy of its own; an empty document takes it away. */
  public ValidationPolicy setValidationPolicy(SetValidationPolicyRequest request) {
    return retries.repeatedly(() -> procedures.setValidationPolicy(request)).getPolicy();
  }

  /** Saves code as the new current version; equal code makes no new one. */
  public SaveProcedureCodeResponse saveProcedureCode(SaveProcedureCodeRequest request) {
    SaveProcedureCodeRequest identified = requestIds.ensure(request);
    return retries.repeatedly(() -> procedures.saveProcedureCode(identified));
  }

  /** Gives a page of the versions of a procedure's code, newest first. */
  public ListProcedureVersionsResponse listProcedureVersions(ListProcedureVersionsRequest request) {
    return retries.repeatedly(() -> procedures.listProcedureVersions(request));
  }

  /** Gives one version with its code. */
  public GetProcedureVersionResponse getProcedureVersion(GetProcedureVersionRequest request) {
    return retries.repeatedly(() -> procedures.getProcedureVersion(request));
  }

  /** Compares two versions. */
  public DiffProcedureVersionsResponse diffProcedureVersions(DiffProcedureVersionsRequest request) {
    return retries.repeatedly(() -> procedures.diffProcedureVersions(request));
  }

  /**
   * Makes the code of an earlier version current again, as a new version; nothing is new if it is
   * the current one.
   */
  public RollbackProcedureCodeResponse rollbackProcedureCode(RollbackProcedureCodeRequest request) {
    RollbackProcedureCodeRequest identified = requestIds.ensure(request);
    return retries.repeatedly(() -> procedures.rollbackProcedureCode(identified));
  }

  /** Gives a version a name, which then serves wherever a version is asked for. */
  public TagProcedureVersionResponse tagProcedureVersion(TagProcedureVersionRequest request) {
    TagProcedureVersionRequest identified = requestIds.ensure(request);
    return retries.repeatedly(() -> procedures.tagProcedureVersion(identified));
  }

  /** Takes a name away from the version that has it. */
  public UntagProcedureVersionResponse untagProcedureVersion(UntagProcedureVersionRequest request) {
    UntagProcedureVersionRequest identified = requestIds.ensure(request);
    return retries.repeatedly(() -> procedures.untagProcedureVersion(identified));
  }

  /** Gives exact statistics over all finished runs of a procedure. */
  public GetProcedureStatsResponse getProcedureStats(GetProcedureStatsRequest request) {
    return retries.repeatedly(() -> procedures.getProcedureStats(request));
  }

  /** Gives one execution. */
  public GetExecutionResponse getExecution(GetExecutionRequest request) {
    return retries.repeatedly(() -> executions.getExecution(request));
  }

  /**
   * Gives what an execution has left under a name: first what it is, then its content in pieces.
   */
  public ResponseStream<DownloadArtifactResponse> downloadArtifact(
      DownloadArtifactRequest request) {
    return retries.repeatedly(
        () -> ResponseStream.of(executions.downloadArtifact(request), r -> r).awaitFirst());
  }

  /** Gives a page of executions, newest first. */
  public ListExecutionsResponse listExecutions(ListExecutionsRequest request) {
    return retries.repeatedly(() -> executions.listExecutions(request));
  }

  /** Ends a running execution and gives its final state. */
  public CancelExecutionResponse cancelExecution(CancelExecutionRequest request) {
    return retries.repeatedly(() -> executions.cancelExecution(request));
  }

  /**
   * Stores many procedures and tells which were not.
   *
   * @param requests the options, if there are any, in the first
   */
  public ImportProceduresResponse importProcedures(Iterable<ImportProceduresRequest> requests) {
    return retries.once(() -> {
      BlockingClientCall<ImportProceduresRequest, ImportProceduresResponse> call =
          procedures.importProcedures();
      for (ImportProceduresRequest request : requests) {
        call.write(request);
      }
      call.halfClose();
      ImportProceduresResponse response = call.read();
      if (response == null) {
        throw Status.DATA_LOSS
            .withDescription("the service ended the import without an answer")
            .asException();
      }
      return response;
    });
  }

  /** Gives all procedures of a project with their current code. */
  public ResponseStream<ExportProceduresResponse> exportProcedures(
      ExportProceduresRequest request) {
    return retries.repeatedly(
        () -> ResponseStream.of(procedures.exportProcedures(request), r -> r).awaitFirst());
  }

  /** Makes code from a definition, telling its progress; ends with the result. */
  public ResponseStream<GenerateProcedureCodeResponse> generateProcedureCode(
      GenerateProcedureCodeRequest request) {
    GenerateProcedureCodeRequest identified = requestIds.ensure(request);
    return retries.repeatedly(
        () -> ResponseStream.of(procedures.generateProcedureCode(identified), r -> r).awaitFirst());
  }

  /** Runs a procedure and gives its events to the end. Returns as soon as the run is admitted. */
  public ExecutionStream executeProcedure(ExecuteProcedureRequest request) {
    ExecuteProcedureRequest identified = requestIds.ensure(request);
    return retries.repeatedly(() ->
        ExecutionStream.of(
            ResponseStream.of(
                    executions.executeProcedure(identified), ExecuteProcedureResponse::getEvent)
                .awaitFirst()));
  }

  /** Runs a procedure with a channel to it. Returns as soon as the run is admitted. */
  public InteractiveExecution runProcedure(ExecuteProcedureRequest request) {
    RunProcedureRequest start =
        RunProcedureRequest.newBuilder().setStart(requestIds.ensure(request)).build();
    return retries.repeatedly(() -> {
      BlockingClientCall<RunProcedureRequest, RunProcedureResponse> call =
          executions.runProcedure();
      call.write(start);
      ResponseStream<ExecutionEvent> events =
          ResponseStream.of(call, RunProcedureResponse::getEvent).awaitFirst();
      return new InteractiveExecution(call, ExecutionStream.of(events));
    });
  }

  /** Admits a run that goes on without the caller. */
  public Execution submitExecution(ExecuteProcedureRequest request) {
    SubmitExecutionRequest submission =
        SubmitExecutionRequest.newBuilder().setExecution(requestIds.ensure(request)).build();
    return retries.repeatedly(() -> executions.submitExecution(submission)).getExecution();
  }

  /**
   * Gives the events of an execution after a sequence number, each once: first those stored, then
   * those to come. When a connection breaks, watching goes on after the last event seen; six breaks
   * in succession that brought none are thrown. Leaving does not touch the run.
   *
   * @param afterSequence events up to this one are left out; 0 gives all
   */
  public ExecutionStream watchExecution(String executionId, long afterSequence) {
    return ExecutionStream.of(
        new WatchedEvents(sequence -> watchOnce(executionId, sequence), afterSequence));
  }

  private ResponseStream<ExecutionEvent> watchOnce(String executionId, long afterSequence) {
    WatchExecutionRequest request =
        WatchExecutionRequest.newBuilder()
            .setExecutionId(executionId)
            .setAfterSequence(afterSequence)
            .build();
    return retries.repeatedly(() ->
        ResponseStream.of(executions.watchExecution(request), WatchExecutionResponse::getEvent)
            .awaitFirst());
  }

  /**
   * Ends what still runs, lets go of the connection, and waits for the client's thread to end: a
   * few milliseconds, at most {@value #SECONDS_TO_CLOSE} seconds.
   */
  @Override
  public void close() {
    channel.shutdownNow();
    try {
      channel.awaitTermination(SECONDS_TO_CLOSE, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    thread.end(SECONDS_TO_CLOSE);
  }
}
