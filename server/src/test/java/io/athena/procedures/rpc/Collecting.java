package io.athena.procedures.rpc;

import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/** Keeps the answers of one or several calls; done when all have ended, or one has failed. */
final class Collecting<T> implements StreamObserver<T> {
  final List<T> answers = new CopyOnWriteArrayList<>();
  final CompletableFuture<Status.Code> end = new CompletableFuture<>();
  private final AtomicInteger open;

  Collecting() {
    this(1);
  }

  Collecting(int calls) {
    open = new AtomicInteger(calls);
  }

  @Override
  public void onNext(T answer) {
    answers.add(answer);
  }

  @Override
  public void onError(Throwable failure) {
    end.complete(Status.fromThrowable(failure).getCode());
  }

  @Override
  public void onCompleted() {
    if (open.decrementAndGet() == 0) {
      end.complete(Status.Code.OK);
    }
  }
}
