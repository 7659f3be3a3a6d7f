package io.athena.procedures.sandbox;

import io.athena.sandbox.v1.AnalyzeRequest;
import io.athena.sandbox.v1.AnalyzeResponse;
import io.athena.sandbox.v1.GetLoadRequest;
import io.athena.sandbox.v1.GetLoadResponse;
import io.athena.sandbox.v1.RunRequest;
import io.athena.sandbox.v1.RunResponse;
import io.athena.sandbox.v1.SandboxServiceGrpc;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;

/** The internal gRPC service over a pool. */
final class SandboxGrpcService extends SandboxServiceGrpc.SandboxServiceImplBase {
  private final Runner runner;

  SandboxGrpcService(Runner runner) {
    this.runner = runner;
  }

  @Override
  public StreamObserver<RunRequest> run(StreamObserver<RunResponse> responses) {
    RunCall call = new RunCall(runner, (ServerCallStreamObserver<RunResponse>) responses);
    call.accept();
    return call;
  }

  @Override
  public void analyze(AnalyzeRequest request, StreamObserver<AnalyzeResponse> responses) {
    responses.onError(Statuses.notYetAvailable("Analyze"));
  }

  @Override
  public void getLoad(GetLoadRequest request, StreamObserver<GetLoadResponse> responses) {
    Admission.Counts counts = runner.counts();
    SandboxPool.Stock stock = runner.stock();
    responses.onNext(
        GetLoadResponse.newBuilder()
            .setWorkerId(runner.workerId())
            .setRunning(counts.running())
            .setQueued(counts.queued())
            .setReadySlots(stock.readySlots())
            .setMaxConcurrentRuns(runner.config().pool().maxConcurrentRuns())
            .setContainers(stock.containers())
            .setCompletedRuns(counts.completed())
            .setUnavailableReason(stock.unavailable())
            .putAllEnforced(runner.enforced())
            .setPythonVersion(stock.pythonVersion())
            .setUptime(Times.fromNanos(runner.uptime().toNanos()))
            .build());
    responses.onCompleted();
  }
}
