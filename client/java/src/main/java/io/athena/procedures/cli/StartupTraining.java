package io.athena.procedures.cli;

import com.google.protobuf.ByteString;
import com.google.protobuf.Timestamp;
import com.google.protobuf.Value;
import io.athena.procedures.v1.ExecuteProcedureRequest;
import io.athena.procedures.v1.ExecuteProcedureResponse;
import io.athena.procedures.v1.ExecutionEvent;
import io.athena.procedures.v1.ExecutionEvent.Accepted;
import io.athena.procedures.v1.ExecutionEvent.Completed;
import io.athena.procedures.v1.ExecutionEvent.Output;
import io.athena.procedures.v1.ExecutionServiceGrpc.ExecutionServiceImplBase;
import io.athena.procedures.v1.GetProcedureRequest;
import io.athena.procedures.v1.GetProcedureResponse;
import io.athena.procedures.v1.ListProceduresRequest;
import io.athena.procedures.v1.ListProceduresResponse;
import io.athena.procedures.v1.Outcome;
import io.athena.procedures.v1.OutputStream;
import io.athena.procedures.v1.Procedure;
import io.athena.procedures.v1.ProcedureServiceGrpc.ProcedureServiceImplBase;
import io.grpc.Server;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;

/**
 * Runs the commonest commands once against answers of its own, so that the Java runtime can record
 * what they load and link. The launcher runs it after a build to make the cache with which every
 * later command starts.
 */
final class StartupTraining {
  private static final Procedure PROCEDURE =
      Procedure.newBuilder()
          .setProcedureId(1)
          .setName("training")
          .setCurrentVersion(1)
          .setUpdateTime(Timestamp.newBuilder().setSeconds(1))
          .build();

  private StartupTraining() {}

  /** Runs the commands. */
  public static void main(String[] arguments) throws IOException {
    Server server =
        NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .addService(new Procedures())
            .addService(new Executions())
            .build()
            .start();
    try {
      String address = "127.0.0.1:" + server.getPort();
      Terminal nowhere =
          new Terminal(
              InputStream.nullInputStream(),
              java.io.OutputStream.nullOutputStream(),
              java.io.OutputStream.nullOutputStream(),
              false,
              false,
              false);
      Main.execute(nowhere, "--help");
      Main.execute(nowhere, "list", "--server", address);
      Main.execute(nowhere, "list", "--server", address, "--json");
      Main.execute(nowhere, "show", "1", "--server", address);
      Main.execute(nowhere, "run", "1", "-p", "a=1", "--server", address);
      Main.execute(nowhere, "run", "1", "--json", "--server", address);
    } finally {
      server.shutdownNow();
    }
  }

  private static final class Procedures extends ProcedureServiceImplBase {
    @Override
    public void listProcedures(
        ListProceduresRequest request, StreamObserver<ListProceduresResponse> observer) {
      observer.onNext(ListProceduresResponse.newBuilder().addProcedures(PROCEDURE).build());
      observer.onCompleted();
    }

    @Override
    public void getProcedure(
        GetProcedureRequest request, StreamObserver<GetProcedureResponse> observer) {
      observer.onNext(GetProcedureResponse.newBuilder().setProcedure(PROCEDURE).build());
      observer.onCompleted();
    }
  }

  private static final class Executions extends ExecutionServiceImplBase {
    @Override
    public void executeProcedure(
        ExecuteProcedureRequest request, StreamObserver<ExecuteProcedureResponse> observer) {
      send(observer, ExecutionEvent.newBuilder().setAccepted(Accepted.newBuilder().setVersion(1)));
      send(
          observer,
          ExecutionEvent.newBuilder()
              .setOutput(
                  Output.newBuilder()
                      .setStream(OutputStream.OUTPUT_STREAM_STDOUT)
                      .setData(ByteString.copyFromUtf8("training\n"))));
      send(
          observer,
          ExecutionEvent.newBuilder()
              .setCompleted(
                  Completed.newBuilder()
                      .setOutcome(Outcome.OUTCOME_SUCCESS)
                      .setResult(Value.newBuilder().setNumberValue(1))));
      observer.onCompleted();
    }

    private static void send(
        StreamObserver<ExecuteProcedureResponse> observer, ExecutionEvent.Builder event) {
      observer.onNext(ExecuteProcedureResponse.newBuilder().setEvent(event).build());
    }
  }
}
