package io.athena.procedures.validation;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.rpc.ErrorInfo;
import io.athena.procedures.error.FailedPreconditionException;
import io.athena.procedures.error.OverloadedException;
import io.athena.procedures.error.ServiceException;
import io.athena.procedures.error.UnavailableException;
import io.athena.procedures.v1.Failure;
import io.athena.procedures.v1.FailureKind;
import io.athena.sandbox.v1.AnalyzeRequest;
import io.athena.sandbox.v1.AnalyzeResponse;
import io.athena.sandbox.v1.SandboxServiceGrpc;
import io.grpc.Channel;
import io.grpc.ConnectivityState;
import io.grpc.Context;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Asks the sandbox workers for facts about source, each in its turn. Thread-safe. */
final class CodeAnalyzer {
  private static final Logger log = LoggerFactory.getLogger(CodeAnalyzer.class);

  /** Longer than a worker's own limits, so that it is the worker who tells what happened. */
  private static final Duration LONGEST = Duration.ofSeconds(40);

  private static final Duration RETRY = Duration.ofSeconds(1);
  private static final int LARGEST_ANSWER = 64 * 1024 * 1024;

  private final List<Channel> workers;
  private final ProjectShares shares = ProjectShares.ofThisMachine();
  private final AtomicInteger turn = new AtomicInteger();

  /** With the workers' channels, at least one; they are not closed by this object. */
  CodeAnalyzer(Iterable<Channel> workers) {
    List<Channel> channels = new ArrayList<>();
    workers.forEach(channels::add);
    if (channels.isEmpty()) {
      throw new IllegalArgumentException("there is no sandbox worker");
    }
    this.workers = List.copyOf(channels);
  }

  /**
   * The facts about source.
   *
   * @param project whose code it is; no project may keep others waiting
   * @throws ServiceException if no worker could look at it
   */
  Facts analyze(String project, String code) {
    return shares.within(ProjectPolicies.orDefault(project), () -> ask(code));
  }

  private Facts ask(String code) {
    AnalyzeRequest request = AnalyzeRequest.newBuilder().setCode(code).build();
    int first = Math.floorMod(turn.getAndIncrement(), workers.size());
    StatusRuntimeException refusal = null;
    for (int i = 0; i < workers.size(); i++) {
      Channel worker = workers.get((first + i) % workers.size());
      if (i < workers.size() - 1 && isBroken(worker)) {
        continue;
      }
      try {
        return read(
            SandboxServiceGrpc.newBlockingStub(worker)
                .withDeadlineAfter(LONGEST.toMillis(), TimeUnit.MILLISECONDS)
                .withMaxInboundMessageSize(LARGEST_ANSWER)
                .analyze(request));
      } catch (StatusRuntimeException failure) {
        if (Thread.currentThread().isInterrupted() || Context.current().isCancelled()) {
          throw new UnavailableException(
              "CALLER_GONE", "the call was given up while its code was examined", Map.of());
        }
        // Facts change nothing, so another worker may be asked.
        refusal = failure;
        log.info("a sandbox worker did not examine code: {}", failure.getStatus());
      }
    }
    throw refused(refusal == null ? Status.UNAVAILABLE.asRuntimeException() : refusal);
  }

  private static Facts read(AnalyzeResponse response) {
    if (response.hasFailure()) {
      return FactsReader.unread(response.getFailure());
    }
    try {
      return FactsReader.read(response.getFacts());
    } catch (MalformedFactsException e) {
      log.warn("an analyzer's answer is no report of facts: {}", e.getMessage());
      return FactsReader.unread(
          Failure.newBuilder()
              .setKind(FailureKind.FAILURE_KIND_CRASHED)
              .setMessage("the parser answered in disorder")
              .build());
    }
  }

  private static boolean isBroken(Channel worker) {
    return worker instanceof ManagedChannel managed
        && managed.getState(false) == ConnectivityState.TRANSIENT_FAILURE;
  }

  private static ServiceException refused(StatusRuntimeException refusal) {
    Status status = refusal.getStatus();
    String message =
        status.getDescription() == null ? status.getCode().name() : status.getDescription();
    return switch (status.getCode()) {
      case RESOURCE_EXHAUSTED ->
          new OverloadedException(reason(refusal, "WORKERS_BUSY"), message, RETRY);
      case FAILED_PRECONDITION ->
          new FailedPreconditionException(
              reason(refusal, "ISOLATION_UNAVAILABLE"),
              "the code cannot be examined: " + message,
              Map.of());
      default ->
          new UnavailableException(
              reason(refusal, "WORKER_UNAVAILABLE"),
              "no sandbox worker could examine the code (%s: %s); the call can be repeated"
                  .formatted(status.getCode(), message),
              Map.of());
    };
  }

  private static String reason(StatusRuntimeException refusal, String otherwise) {
    com.google.rpc.Status details = StatusProto.fromThrowable(refusal);
    if (details != null) {
      for (Any detail : details.getDetailsList()) {
        try {
          if (detail.is(ErrorInfo.class)) {
            return detail.unpack(ErrorInfo.class).getReason();
          }
        } catch (InvalidProtocolBufferException damaged) {
          return otherwise;
        }
      }
    }
    return otherwise;
  }
}
