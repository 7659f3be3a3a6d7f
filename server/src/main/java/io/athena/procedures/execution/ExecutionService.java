package io.athena.procedures.execution;

import io.athena.procedures.v1.CancelExecutionRequest;
import io.athena.procedures.v1.CancelExecutionResponse;
import io.athena.procedures.v1.DownloadArtifactRequest;
import io.athena.procedures.v1.DownloadArtifactResponse;
import io.athena.procedures.v1.ExecuteProcedureRequest;
import io.athena.procedures.v1.ExecuteProcedureResponse;
import io.athena.procedures.v1.ExecutionServiceGrpc;
import io.athena.procedures.v1.GetExecutionRequest;
import io.athena.procedures.v1.GetExecutionResponse;
import io.athena.procedures.v1.ListExecutionsRequest;
import io.athena.procedures.v1.ListExecutionsResponse;
import io.athena.procedures.v1.RunProcedureRequest;
import io.athena.procedures.v1.RunProcedureResponse;
import io.athena.procedures.v1.SubmitExecutionRequest;
import io.athena.procedures.v1.SubmitExecutionResponse;
import io.athena.procedures.v1.WatchExecutionRequest;
import io.athena.procedures.v1.WatchExecutionResponse;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.UUID;

/**
 * The public API of executions. Handlers block and throw domain exceptions: the edge gives each a
 * virtual thread, waits for slow readers where the transport does not, and maps exceptions.
 */
final class ExecutionService extends ExecutionServiceGrpc.ExecutionServiceImplBase {
  private final Executions executions;
  private final ExecutionQueries queries;
  private final Cancellations cancellations;
  private final QueueDispatcher queue;
  private final Duration heartbeat;

  ExecutionService(
      Executions executions,
      ExecutionQueries queries,
      Cancellations cancellations,
      QueueDispatcher queue,
      Duration heartbeat) {
    this.executions = executions;
    this.queries = queries;
    this.cancellations = cancellations;
    this.queue = queue;
    this.heartbeat = heartbeat;
  }

  @Override
  public void executeProcedure(
      ExecuteProcedureRequest request, StreamObserver<ExecuteProcedureResponse> responses) {
    Interruptions.run(() ->
        new EventStream<>(
                responses,
                event -> ExecuteProcedureResponse.newBuilder().setEvent(event).build(),
                heartbeat)
            .send(executions.execute(request, false), 0));
  }

  @Override
  public StreamObserver<RunProcedureRequest> runProcedure(
      StreamObserver<RunProcedureResponse> responses) {
    return new RunConversation(
        executions,
        new EventStream<>(
            responses,
            event -> RunProcedureResponse.newBuilder().setEvent(event).build(),
            heartbeat));
  }

  @Override
  public void submitExecution(
      SubmitExecutionRequest request, StreamObserver<SubmitExecutionResponse> responses) {
    UUID id = queue.submit(request.getExecution());
    responses.onNext(SubmitExecutionResponse.newBuilder().setExecution(queries.get(id)).build());
    responses.onCompleted();
  }

  @Override
  public void watchExecution(
      WatchExecutionRequest request, StreamObserver<WatchExecutionResponse> responses) {
    UUID id = Ids.parse(request.getExecutionId());
    Interruptions.run(() ->
        new EventStream<>(
                responses,
                event -> WatchExecutionResponse.newBuilder().setEvent(event).build(),
                heartbeat)
            .send(
                new Executions.Attached(executions.watch(id, request.getAfterSequence()), null),
                request.getAfterSequence()));
  }

  @Override
  public void getExecution(
      GetExecutionRequest request, StreamObserver<GetExecutionResponse> responses) {
    UUID id = Ids.parse(request.getExecutionId());
    responses.onNext(GetExecutionResponse.newBuilder().setExecution(queries.get(id)).build());
    responses.onCompleted();
  }

  @Override
  public void downloadArtifact(
      DownloadArtifactRequest request, StreamObserver<DownloadArtifactResponse> responses) {
    queries.download(request, responses::onNext);
    responses.onCompleted();
  }

  @Override
  public void listExecutions(
      ListExecutionsRequest request, StreamObserver<ListExecutionsResponse> responses) {
    responses.onNext(queries.list(request));
    responses.onCompleted();
  }

  @Override
  public void cancelExecution(
      CancelExecutionRequest request, StreamObserver<CancelExecutionResponse> responses) {
    UUID id = Ids.parse(request.getExecutionId());
    Interruptions.run(() -> {
      cancellations.cancel(id, request.getReason());
      responses.onNext(CancelExecutionResponse.newBuilder().setExecution(queries.get(id)).build());
      responses.onCompleted();
    });
  }
}
