package io.athena.procedures.bench;

import com.google.protobuf.UnsafeByteOperations;
import io.athena.procedures.v1.ExecuteProcedureRequest;
import io.athena.procedures.v1.ExecuteProcedureResponse;
import io.athena.procedures.v1.ExecutionEvent;
import io.athena.procedures.v1.ExecutionServiceGrpc;
import io.athena.procedures.v1.OutputStream;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;

/**
 * A baseline of output: grpc-java sends on what it reads, in messages of 64 KiB, with nothing in
 * between. It speaks the API, so that the same client reads it.
 */
final class PlainServer extends ExecutionServiceGrpc.ExecutionServiceImplBase
    implements AutoCloseable {
  private final Source source;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final Server server;

  /** Where the bytes come from, anew for each call. */
  interface Source {
    InputStream open() throws IOException;
  }

  PlainServer(Source source) throws IOException {
    this.source = source;
    this.server =
        NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .executor(threads)
            .addService(this)
            .build()
            .start();
  }

  String address() {
    return "127.0.0.1:" + server.getPort();
  }

  @Override
  public void executeProcedure(
      ExecuteProcedureRequest request, StreamObserver<ExecuteProcedureResponse> responses) {
    var call = (ServerCallStreamObserver<ExecuteProcedureResponse>) responses;
    Semaphore ready = new Semaphore(0);
    call.setOnReadyHandler(ready::release);
    call.setOnCancelHandler(ready::release);
    var _ = threads.submit(() -> send(call, ready));
  }

  private void send(ServerCallStreamObserver<ExecuteProcedureResponse> call, Semaphore ready) {
    try (InputStream input = source.open()) {
      while (true) {
        byte[] buffer = new byte[Flood.BLOCK];
        int count = input.readNBytes(buffer, 0, Flood.BLOCK);
        if (count == 0) {
          break;
        }
        while (!call.isReady() && !call.isCancelled()) {
          ready.acquire();
        }
        call.onNext(output(buffer, count));
      }
      call.onCompleted();
    } catch (IOException e) {
      call.onError(Status.INTERNAL.withDescription(e.toString()).withCause(e).asException());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      call.onError(Status.UNAVAILABLE.withDescription("the benchmark ends").asException());
    }
  }

  private static ExecuteProcedureResponse output(byte[] data, int count) {
    ExecuteProcedureResponse.Builder response = ExecuteProcedureResponse.newBuilder();
    response
        .getEventBuilder()
        .setOutput(
            ExecutionEvent.Output.newBuilder()
                .setStream(OutputStream.OUTPUT_STREAM_STDOUT)
                .setData(UnsafeByteOperations.unsafeWrap(data, 0, count)));
    return response.build();
  }

  @Override
  public void close() {
    server.shutdownNow();
    threads.shutdownNow();
  }
}
