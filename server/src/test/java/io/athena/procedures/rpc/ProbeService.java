package io.athena.procedures.rpc;

import io.athena.procedures.v1.ExecuteProcedureRequest;
import io.athena.procedures.v1.ExecuteProcedureResponse;
import io.athena.procedures.v1.ExecutionServiceGrpc;
import io.athena.procedures.v1.GetExecutionRequest;
import io.athena.procedures.v1.GetExecutionResponse;
import io.athena.procedures.v1.RunProcedureRequest;
import io.athena.procedures.v1.RunProcedureResponse;
import io.grpc.stub.StreamObserver;
import java.util.function.BiConsumer;
import java.util.function.Function;

/** A service of every kind of call whose handlers the test gives. */
final class ProbeService extends ExecutionServiceGrpc.ExecutionServiceImplBase {
  volatile BiConsumer<GetExecutionRequest, StreamObserver<GetExecutionResponse>> unary =
      (request, answer) -> {
        answer.onNext(GetExecutionResponse.getDefaultInstance());
        answer.onCompleted();
      };
  volatile BiConsumer<ExecuteProcedureRequest, StreamObserver<ExecuteProcedureResponse>> streaming =
      (request, answers) -> answers.onCompleted();
  volatile Function<StreamObserver<RunProcedureResponse>, StreamObserver<RunProcedureRequest>>
      bidi = super::runProcedure;

  @Override
  public void getExecution(
      GetExecutionRequest request, StreamObserver<GetExecutionResponse> answer) {
    unary.accept(request, answer);
  }

  @Override
  public void executeProcedure(
      ExecuteProcedureRequest request, StreamObserver<ExecuteProcedureResponse> answers) {
    streaming.accept(request, answers);
  }

  @Override
  public StreamObserver<RunProcedureRequest> runProcedure(
      StreamObserver<RunProcedureResponse> answers) {
    return bidi.apply(answers);
  }
}
