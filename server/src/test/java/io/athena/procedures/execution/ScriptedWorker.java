package io.athena.procedures.execution;

import com.google.protobuf.ByteString;
import com.google.protobuf.Duration;
import com.google.protobuf.Value;
import io.athena.procedures.v1.ExecutionEvent;
import io.athena.procedures.v1.Failure;
import io.athena.procedures.v1.FailureKind;
import io.athena.procedures.v1.Outcome;
import io.athena.procedures.v1.OutputStream;
import io.athena.procedures.v1.ResourceUsage;
import io.athena.sandbox.v1.GetLoadRequest;
import io.athena.sandbox.v1.GetLoadResponse;
import io.athena.sandbox.v1.RunRequest;
import io.athena.sandbox.v1.RunResponse;
import io.athena.sandbox.v1.SandboxServiceGrpc;
import io.grpc.Channel;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A peer that speaks the sandbox protocol and does what a test tells it, to make what a real worker
 * does rarely: fail, vanish, refuse. A script is chosen by the code of the program.
 */
final class ScriptedWorker extends SandboxServiceGrpc.SandboxServiceImplBase
    implements AutoCloseable {
  private volatile String unavailableReason = "";
  private final Map<String, Script> scripts = new ConcurrentHashMap<>();
  private final AtomicInteger starts = new AtomicInteger();
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final Server server;
  private final ManagedChannel channel;

  /** What a program does. */
  interface Script {
    void run(Program program) throws InterruptedException;
  }

  ScriptedWorker() {
    String name = InProcessServerBuilder.generateName();
    try {
      server =
          InProcessServerBuilder.forName(name).executor(threads).addService(this).build().start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    channel = InProcessChannelBuilder.forName(name).directExecutor().build();
  }

  /** Programs with this code follow the script. */
  ScriptedWorker on(String code, Script script) {
    scripts.put(code, script);
    return this;
  }

  Channel channel() {
    return channel;
  }

  /** Programs begun, refused ones included. */
  int starts() {
    return starts.get();
  }

  /** Says from now on that it cannot run programs; empty if it can. */
  void unavailable(String reason) {
    unavailableReason = reason;
  }

  @Override
  public void getLoad(GetLoadRequest request, StreamObserver<GetLoadResponse> responses) {
    responses.onNext(GetLoadResponse.newBuilder().setUnavailableReason(unavailableReason).build());
    responses.onCompleted();
  }

  /** Breaks all calls off. */
  void vanish() {
    server.shutdownNow();
  }

  @Override
  public StreamObserver<RunRequest> run(StreamObserver<RunResponse> responses) {
    var call = (ServerCallStreamObserver<RunResponse>) responses;
    Program program = new Program(call);
    call.setOnReadyHandler(program.ready::release);
    call.setOnCancelHandler(() -> {
      program.requests.add(Program.GONE);
      program.ready.release();
    });
    return new StreamObserver<>() {
      @Override
      public void onNext(RunRequest request) {
        if (request.hasStart()) {
          starts.incrementAndGet();
          Script script =
              Objects.requireNonNull(
                  scripts.get(request.getStart().getCode()), "no script for the code");
          program.start = request.getStart();
          threads.execute(() -> program.follow(script));
        } else {
          program.requests.add(request);
        }
      }

      @Override
      public void onError(Throwable gone) {
        program.requests.add(Program.GONE);
      }

      @Override
      public void onCompleted() {}
    };
  }

  /** A running program. */
  static final class Program {
    static final RunRequest GONE = RunRequest.newBuilder().build();

    final BlockingQueue<RunRequest> requests = new LinkedBlockingQueue<>();
    private final Semaphore ready = new Semaphore(0);
    private final ServerCallStreamObserver<RunResponse> responses;
    private RunRequest.Start start = RunRequest.Start.getDefaultInstance();

    Program(ServerCallStreamObserver<RunResponse> responses) {
      this.responses = responses;
    }

    private void follow(ScriptedWorker.Script script) {
      try {
        script.run(this);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }

    RunRequest.Start start() {
      return start;
    }

    /** The next request after start; {@link #GONE} if the server has left. */
    RunRequest request() throws InterruptedException {
      RunRequest request = requests.poll(20, TimeUnit.SECONDS);
      if (request == null) {
        throw new AssertionError("no request came");
      }
      return request;
    }

    /** True if the server has said something more. */
    boolean hasRequest() {
      return !requests.isEmpty();
    }

    void started() throws InterruptedException {
      send(RunResponse.newBuilder().setStarted(started("worker-1")).build());
    }

    private static ExecutionEvent.Started started(String worker) {
      return ExecutionEvent.Started.newBuilder().setWorkerId(worker).build();
    }

    void print(String text) throws InterruptedException {
      print(ByteString.copyFromUtf8(text));
    }

    void print(ByteString bytes) throws InterruptedException {
      send(
          RunResponse.newBuilder()
              .setOutput(
                  ExecutionEvent.Output.newBuilder()
                      .setStream(OutputStream.OUTPUT_STREAM_STDOUT)
                      .setData(bytes))
              .build());
    }

    void succeed(Value result) throws InterruptedException {
      complete(
          ExecutionEvent.Completed.newBuilder()
              .setOutcome(Outcome.OUTCOME_SUCCESS)
              .setResult(result));
    }

    void fail(FailureKind kind, String message) throws InterruptedException {
      complete(
          ExecutionEvent.Completed.newBuilder()
              .setOutcome(Outcome.OUTCOME_FAILURE)
              .setFailure(Failure.newBuilder().setKind(kind).setMessage(message)));
    }

    private void complete(ExecutionEvent.Completed.Builder completed) throws InterruptedException {
      completed
          .setUsage(ResourceUsage.newBuilder().setPeakMemoryBytes(1_000_000).setStdoutBytes(7))
          .setDuration(Duration.newBuilder().setNanos(2_000_000));
      send(RunResponse.newBuilder().setCompleted(completed).build());
      responses.onCompleted();
    }

    void send(RunResponse response) throws InterruptedException {
      while (!responses.isReady() && !responses.isCancelled()) {
        ready.acquire();
      }
      responses.onNext(response);
    }

    void refuse(Throwable status) {
      responses.onError(status);
    }
  }

  @Override
  public void close() {
    channel.shutdownNow();
    server.shutdownNow();
    threads.shutdownNow();
  }
}
