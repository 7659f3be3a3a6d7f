package io.athena.procedures.validation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.athena.procedures.error.OverloadedException;
import io.athena.procedures.error.UnavailableException;
import io.athena.sandbox.v1.AnalyzeRequest;
import io.athena.sandbox.v1.AnalyzeResponse;
import io.athena.sandbox.v1.SandboxServiceGrpc;
import io.grpc.Channel;
import io.grpc.Context;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Which workers are asked for facts, when, and how often. */
final class CodeAnalyzerTest {
  private final AtomicInteger asked = new AtomicInteger();
  private final CountDownLatch parsing = new CountDownLatch(1);
  private final String name = InProcessServerBuilder.generateName();
  private volatile Consumer<StreamObserver<AnalyzeResponse>> answer = observer -> {};
  private Server server = server();
  private final ManagedChannel channel = InProcessChannelBuilder.forName(name).build();

  private Server server() {
    return InProcessServerBuilder.forName(name)
        .addService(
            new SandboxServiceGrpc.SandboxServiceImplBase() {
              @Override
              public void analyze(
                  AnalyzeRequest request, StreamObserver<AnalyzeResponse> observer) {
                asked.incrementAndGet();
                parsing.countDown();
                answer.accept(observer);
              }
            })
        .build();
  }

  @BeforeEach
  void start() throws IOException {
    server = server.start();
  }

  @AfterEach
  void stop() {
    channel.shutdownNow();
    server.shutdownNow();
  }

  @Test
  void ofWorkersThatRefuseEachIsAskedOnce() {
    answer = observer -> observer.onError(Status.RESOURCE_EXHAUSTED.asRuntimeException());

    assertThatThrownBy(() -> threeWorkers().analyze("", "import json"))
        .isInstanceOf(OverloadedException.class);
    assertThat(asked).hasValue(3);
  }

  @Test
  void noOtherWorkerIsAskedForACallerWhoIsGone() throws InterruptedException {
    try (Context.CancellableContext caller = Context.current().withCancellation()) {
      Thread.ofVirtual()
          .start(() -> {
            try {
              parsing.await();
            } catch (InterruptedException e) {
              Thread.currentThread().interrupt();
            }
            caller.cancel(null);
          });
      caller.run(() ->
          assertThatThrownBy(() -> threeWorkers().analyze("", "import json"))
              .isInstanceOfSatisfying(
                  UnavailableException.class,
                  gone -> assertThat(gone.reason()).isEqualTo("CALLER_GONE")));
    }
    assertThat(asked).hasValue(1);
  }

  @Test
  void anAnalysisThatIsGivenUpAsksNoOtherWorker() throws InterruptedException {
    CountDownLatch over = new CountDownLatch(1);
    CodeAnalyzer analyzer = threeWorkers();
    Thread analysis =
        Thread.ofVirtual()
            .start(() -> {
              assertThatThrownBy(() -> analyzer.analyze("", "import json"))
                  .isInstanceOf(UnavailableException.class);
              over.countDown();
            });
    parsing.await();

    analysis.interrupt();

    over.await();
    assertThat(asked).hasValue(1);
  }

  private CodeAnalyzer threeWorkers() {
    return new CodeAnalyzer(List.<Channel>of(channel, channel, channel));
  }
}
