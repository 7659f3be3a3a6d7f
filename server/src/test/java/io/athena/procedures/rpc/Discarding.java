package io.athena.procedures.rpc;

import io.grpc.stub.StreamObserver;

/** Takes what comes and does nothing. */
class Discarding<T> implements StreamObserver<T> {
  @Override
  public void onNext(T value) {}

  @Override
  public void onError(Throwable failure) {}

  @Override
  public void onCompleted() {}
}
