package io.athena.procedures.sandbox;

import io.athena.sandbox.v1.AnalyzeRequest;
import io.athena.sandbox.v1.AnalyzeResponse;
import io.athena.sandbox.v1.CancelRunRequest;
import io.athena.sandbox.v1.CancelRunResponse;
import io.athena.sandbox.v1.GetLoadRequest;
import io.athena.sandbox.v1.GetLoadResponse;
import io.athena.sandbox.v1.RunRequest;
import io.athena.sandbox.v1.RunResponse;
import io.athena.sandbox.v1.SandboxServiceGrpc;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** The internal gRPC service over a pool. */
final class SandboxGrpcService extends SandboxServiceGrpc.SandboxServiceImplBase {
  private final Runner runner;
  private final Analyzer analyzer;
  private final Set<RunCall> calls = ConcurrentHashMap.newKeySet();

  SandboxGrpcService(Runner runner, Analyzer analyzer) {
    this.runner = runner;
    this.analyzer = analyzer;
  }

  @Override
  public StreamObserver<RunRequest> run(StreamObserver<RunResponse> responses) {
    RunCall call =
        new RunCall(runner, (ServerCallStreamObserver<RunResponse>) responses, calls::remove);
    calls.add(call);
    call.accept();
    return call;
  }

  @Override
  public void cancelRun(CancelRunRequest request, StreamObserver<CancelRunResponse> responses) {
    calls.stream().filter(call -> call.isOf(request.getExecutionId())).forEach(RunCall::cancel);
    responses.onNext(CancelRunResponse.getDefaultInstance());
    responses.onCompleted();
  }

  @Override
  public void analyze(AnalyzeRequest request, StreamObserver<AnalyzeResponse> responses) {
    AnalyzeResponse response;
    try (CallerWatch _ = CallerWatch.begin()) {
      response = analyzer.analyze(request.getCode());
    } catch (SandboxException refusal) {
      responses.onError(Statuses.of(refusal));
      return;
    } catch (InterruptedException e) {
      // By the caller, who is gone and hears nothing more, or because this worker ends.
      responses.onError(Statuses.of(new WorkerDrainingException()));
      return;
    }
    responses.onNext(response);
    responses.onCompleted();
  }

  @Override
  public void getLoad(GetLoadRequest request, StreamObserver<GetLoadResponse> responses) {
    RunAdmission.Counts counts = runner.counts();
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
            .addAllEnvironments(
                runner.environments().stream().map(SandboxGrpcService::environment).toList())
            .setUptime(Times.fromNanos(runner.uptime().toNanos()))
            .build());
    responses.onCompleted();
  }

  private static GetLoadResponse.Environment environment(Environments.State state) {
    GetLoadResponse.Environment.Builder environment =
        GetLoadResponse.Environment.newBuilder()
            .setName(state.config().name())
            .addAllModules(state.config().modules());
    SandboxPool.Stock stock = state.stock();
    if (stock != null) {
      environment
          .setReadySlots(stock.readySlots())
          .setContainers(stock.containers())
          .setUnavailableReason(stock.unavailable());
    }
    return environment.build();
  }
}
