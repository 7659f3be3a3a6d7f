package io.athena.procedures.execution;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Struct;
import io.athena.procedures.code.Codes;
import io.athena.procedures.code.EarlierRequest;
import io.athena.procedures.code.RunJudge;
import io.athena.procedures.code.RunnableCode;
import io.athena.procedures.db.Times;
import io.athena.procedures.error.InvalidArgumentException;
import io.athena.procedures.error.OverloadedException;
import io.athena.procedures.error.Violations;
import io.athena.procedures.procedure.Procedures;
import io.athena.procedures.procedure.TextRules;
import io.athena.procedures.v1.ExecuteProcedureRequest;
import io.athena.procedures.v1.ExecutionLimits;
import io.athena.procedures.v1.ExecutionState;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.function.Supplier;
import org.jdbi.v3.core.Jdbi;
import org.jspecify.annotations.Nullable;

/**
 * Decides whether a run may begin, and makes its row. Costs one query and one insert; inserts of
 * calls that come together share a transaction. Thread-safe.
 */
final class Admissions {
  /** How long a repeated request_id gives the first answer. */
  private static final Duration REQUEST_ID_LIFE = Duration.ofHours(24);

  private final Jdbi jdbi;
  private final AdmissionDao dao;
  private final Codes codes;
  private final RunJudge judge;
  private final LimitPolicy limitPolicy;
  private final UUID instanceId;
  private final boolean soleServer;
  private final CompletionWriter completions;
  private final ProjectPlaces places;
  private final Turns begunRequests = new Turns();
  private final Supplier<UUID> ids;
  private final Clock clock;
  private final Batcher<RunRows.NewRow, Boolean> batcher;

  /** What a request comes to. */
  sealed interface Decision {
    /** It is a new run, whose row may still have to be written. */
    record Admitted(Recording recording) implements Decision {}

    /** It repeats a request that was admitted before. */
    record Repeated(UUID executionId) implements Decision {}
  }

  /**
   * @param judge says whether a version may run
   * @param soleServer true if no other server uses the database
   */
  Admissions(
      Jdbi jdbi,
      RunJudge judge,
      LimitPolicy limitPolicy,
      UUID instanceId,
      boolean soleServer,
      ProjectPlaces places,
      CompletionWriter completions,
      Supplier<UUID> ids,
      Clock clock) {
    this.jdbi = jdbi;
    this.dao = jdbi.onDemand(AdmissionDao.class);
    this.codes = new Codes(jdbi);
    this.judge = judge;
    this.limitPolicy = limitPolicy;
    this.instanceId = instanceId;
    this.soleServer = soleServer;
    this.places = places;
    this.completions = completions;
    this.ids = ids;
    this.clock = clock;
    this.batcher = new Batcher<>("execution-admissions", this::insertAll);
  }

  /**
   * Admits a run that begins at once, in one of its project's places, which is given back when the
   * run ends. Its program may be started before its row is written, which saves the time of a
   * commit; nobody may hear of it before the {@link Recording} is done.
   *
   * @throws io.athena.procedures.error.ServiceException if it may not
   */
  Decision admit(ExecuteProcedureRequest request, boolean stdin) throws InterruptedException {
    String requestId = request.getRequestId();
    if (requestId.isEmpty()) {
      Admission admission = check(request, ByteString.EMPTY, find(request), stdin, true);
      places.take(admission.project());
      return new Decision.Admitted(recording(admission, () -> {}));
    }
    CompletableFuture<Void> turn = begunRequests.await(requestId);
    try {
      return admitOnce(request, stdin, turn);
    } catch (RuntimeException | InterruptedException refusal) {
      begunRequests.done(requestId, turn);
      throw refusal;
    }
  }

  private Decision admitOnce(
      ExecuteProcedureRequest request, boolean stdin, CompletableFuture<Void> turn)
      throws InterruptedException {
    String requestId = request.getRequestId();
    ByteString hash = RequestHash.of(request);
    Codes.Found found = find(request);
    UUID repeated = repeated(requestId, hash, found);
    if (repeated != null) {
      begunRequests.done(requestId, turn);
      return new Decision.Repeated(repeated);
    }
    Admission admission = check(request, hash, found, stdin, true);
    places.take(admission.project());
    Recording recording = recording(admission, () -> begunRequests.done(requestId, turn));
    // Another server may have got the same request: only the row says who runs it.
    boolean admitted = soleServer;
    try {
      admitted = soleServer || recording.begin();
    } finally {
      if (!admitted) {
        places.release(admission.project());
      }
    }
    return admitted
        ? new Decision.Admitted(recording)
        : new Decision.Repeated(earlier(request, hash));
  }

  /** Admits a run that waits in the queue; its id. Version and arguments are settled now. */
  UUID enqueue(ExecuteProcedureRequest request) {
    String requestId = request.getRequestId();
    if (requestId.isEmpty()) {
      return enqueueOnce(request);
    }
    // A call that begins at once starts its program before its row is written.
    CompletableFuture<Void> turn = begunRequests.await(requestId);
    try {
      return enqueueOnce(request);
    } finally {
      begunRequests.done(requestId, turn);
    }
  }

  private UUID enqueueOnce(ExecuteProcedureRequest request) {
    ByteString hash = RequestHash.of(request);
    Codes.Found found = find(request);
    UUID repeated = repeated(request.getRequestId(), hash, found);
    if (repeated != null) {
      return repeated;
    }
    Admission admission = check(request, hash, found, false, false);
    boolean inserted =
        jdbi.inTransaction(handle -> {
          RunRows.NewRow row = row(admission, ExecutionState.EXECUTION_STATE_QUEUED);
          boolean begun = RunRows.begin(handle, List.of(row)).getFirst();
          if (begun) {
            handle
                .attach(AdmissionDao.class)
                .enqueue(admission.executionId(), request.toByteString());
          }
          return begun;
        });
    return inserted ? admission.executionId() : earlier(request, hash);
  }

  /**
   * Takes the oldest waiting executions, at most so many, for this server; none of projects that
   * have all the runs they may have.
   */
  List<AdmissionDao.Claimed> claim(int most) {
    return dao.claim(instanceId, most, places.full());
  }

  /** What a claimed execution runs: what was settled when it was submitted. */
  Admission admission(AdmissionDao.Claimed claimed) {
    try {
      return new Admission(
          claimed.executionId(),
          claimed.procedureId(),
          claimed.procedureName(),
          claimed.project(),
          claimed.version(),
          claimed.commitId(),
          claimed.version() == 0
              ? ""
              : codes.resolve(claimed.procedureId(), "v" + claimed.version()).code(),
          ExecuteProcedureRequest.parseFrom(claimed.request()),
          ByteString.EMPTY,
          Struct.parseFrom(claimed.parameters()),
          limitPolicy.completed(ExecutionLimits.parseFrom(claimed.limits())),
          false,
          false,
          claimed.createTime());
    } catch (InvalidProtocolBufferException damaged) {
      throw new IllegalStateException("a waiting execution cannot be read", damaged);
    }
  }

  /**
   * Judges once more what has waited: the policy may be another one by now.
   *
   * @throws io.athena.procedures.error.FailedPreconditionException if it must not run
   */
  void judgeAgain(Admission admission) {
    if (admission.hasCode()) {
      judge.require(codes.resolve(admission.procedureId(), "v" + admission.version()));
    }
  }

  /** Puts a claimed execution back into the queue. */
  void putBack(Admission admission) {
    dao.putBack(admission.executionId(), admission.request().toByteString());
  }

  /** Removes what is in the queue of an execution that has ended. */
  void unqueue(UUID executionId) {
    dao.unqueue(executionId);
  }

  /** Removes an execution whose program no worker would start. */
  void withdraw(UUID executionId) {
    dao.remove(executionId);
  }

  private Codes.Found find(ExecuteProcedureRequest request) {
    if (!request.getRequestId().isEmpty()) {
      Violations violations = new Violations();
      TextRules.checkRequestId(violations, request.getRequestId());
      violations.throwIfAny();
    }
    return codes.find(request.getProcedureId(), request.getVersion(), request.getRequestId());
  }

  private Admission check(
      ExecuteProcedureRequest request,
      ByteString hash,
      Codes.Found found,
      boolean stdin,
      boolean followed) {
    Violations violations = new Violations();
    ExecutionLimits limits = limitPolicy.apply(request.getLimits(), violations);
    InputFiles.check(request.getInputFilesList(), violations);
    if (request.getProcedureId() < 1) {
      Procedures.checkId(violations, "procedure_id", request.getProcedureId());
      violations.throwIfAny();
    }
    RunnableCode code = found.code().get();
    Struct parameters = Arguments.bind(code.parameters(), request.getParameters(), violations);
    violations.throwIfAny();
    judge.require(code);
    return new Admission(
        ids.get(),
        code.procedureId(),
        code.procedureName(),
        code.project(),
        code.version(),
        code.commitId(),
        code.code(),
        request,
        hash,
        parameters,
        limits,
        stdin,
        followed,
        Times.now(clock));
  }

  private @Nullable UUID repeated(String requestId, ByteString hash, Codes.Found found) {
    EarlierRequest earlier = found.earlier().orElse(null);
    if (earlier == null) {
      return null;
    }
    Instant oldest = Times.now(clock).minus(REQUEST_ID_LIFE);
    if (earlier.createTime().isBefore(oldest)) {
      dao.release(requestId, oldest);
      return null;
    }
    return same(requestId, earlier, hash);
  }

  /** The execution that came first when two requests with one id came together. */
  private UUID earlier(ExecuteProcedureRequest request, ByteString hash) {
    String requestId = request.getRequestId();
    EarlierRequest earlier = find(request).earlier().orElse(null);
    if (earlier == null) {
      // It was withdrawn in this moment; so was its reason to be repeated.
      throw new OverloadedException(
          "REQUEST_ID_IN_USE",
          "another call with request_id '" + requestId + "' was just refused; repeat this one",
          Duration.ofMillis(100));
    }
    return same(requestId, earlier, hash);
  }

  private static UUID same(String requestId, EarlierRequest earlier, ByteString hash) {
    if (!earlier.requestHash().equals(hash)) {
      throw new InvalidArgumentException(
          "REQUEST_ID_REUSED",
          List.of(
              new InvalidArgumentException.Violation(
                  "request_id",
                  "'"
                      + requestId
                      + "' belongs to another request, which made execution "
                      + earlier.executionId())));
    }
    return earlier.executionId();
  }

  /**
   * @param over is run when the row was written, or will not be
   */
  private Recording recording(Admission admission, Runnable over) {
    return new Recording(
        admission,
        new Recording.Writer() {
          @Override
          public boolean begin() throws ExecutionException, InterruptedException {
            try {
              return batcher.write(row(admission, ExecutionState.EXECUTION_STATE_RUNNING));
            } finally {
              over();
            }
          }

          @Override
          public @Nullable Completion beginAndEnd(Completion completion)
              throws ExecutionException, InterruptedException {
            return completions.recordWhole(
                row(admission, ExecutionState.EXECUTION_STATE_COMPLETED), completion);
          }

          @Override
          public void over() {
            over.run();
          }
        });
  }

  private List<Boolean> insertAll(List<RunRows.NewRow> rows) {
    return jdbi.withHandle(handle -> RunRows.begin(handle, rows));
  }

  private RunRows.NewRow row(Admission admission, ExecutionState state) {
    String requestId = admission.request().getRequestId();
    return new RunRows.NewRow(
        admission.executionId(),
        admission.procedureId(),
        admission.procedureName(),
        admission.project(),
        admission.version(),
        admission.commitId(),
        Names.of(state),
        state == ExecutionState.EXECUTION_STATE_QUEUED ? null : instanceId,
        requestId,
        requestId.isEmpty() ? null : requestId,
        admission.requestHash(),
        admission.parameters().toByteString(),
        admission.limits().toByteString(),
        admission.createTime());
  }
}
