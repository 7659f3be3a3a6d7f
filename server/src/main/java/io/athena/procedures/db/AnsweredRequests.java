package io.athena.procedures.db;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import io.athena.procedures.error.InvalidArgumentException;
import io.athena.procedures.error.InvalidArgumentException.Violation;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;

/**
 * Does what a request asks for once, and gives every repeat of the request the first answer.
 * Thread-safe, also across servers on the same database.
 *
 * <p>A request that fails leaves nothing behind, so its repeat is a new attempt.
 */
public final class AnsweredRequests {
  private static final Duration KEPT = Duration.ofHours(24);
  private static final Duration BETWEEN_CLEANINGS = Duration.ofHours(1);

  private final Jdbi jdbi;
  private final Clock clock;
  private final AtomicReference<Instant> lastCleaning = new AtomicReference<>(Instant.EPOCH);

  /** On a database with the server's schema. */
  public AnsweredRequests(Jdbi jdbi, Clock clock) {
    this.jdbi = jdbi;
    this.clock = clock;
    DaoInterfaces.examine(jdbi, AnsweredRequestDao.class);
  }

  /**
   * Runs {@code work} in a transaction, as {@link Transactions#inTransaction} does, unless it was
   * answered before.
   *
   * @param requestId empty if the caller did not choose one: then every call does its work
   * @param request the whole request
   * @param emptyResponse tells the type of response
   * @throws InvalidArgumentException with reason REQUEST_ID_REUSED if the request_id belongs to
   *     another request
   */
  public <R extends Message> R answer(
      String requestId, Message request, R emptyResponse, Function<Handle, R> work) {
    if (requestId.isEmpty()) {
      return Transactions.inTransaction(jdbi, work);
    }
    R response =
        Transactions.inTransaction(
            jdbi, handle -> answerOnce(handle, requestId, request, emptyResponse, work));
    cleanNowAndThen();
    return response;
  }

  /**
   * The first answer, if the request was answered before; for work that takes too long to be done
   * in one transaction, and whose repeat while it is under way does no harm.
   *
   * @throws InvalidArgumentException with reason REQUEST_ID_REUSED if the request_id belongs to
   *     another request
   */
  public <R extends Message> Optional<R> find(String requestId, Message request, R emptyResponse) {
    if (requestId.isEmpty()) {
      return Optional.empty();
    }
    return jdbi.withExtension(
            AnsweredRequestDao.class, dao -> dao.findSince(requestId, clock.instant().minus(KEPT)))
        .map(answer -> read(answer, request, emptyResponse));
  }

  private <R extends Message> R answerOnce(
      Handle handle, String requestId, Message request, R emptyResponse, Function<Handle, R> work) {
    AnsweredRequestDao dao = handle.attach(AnsweredRequestDao.class);
    byte[] hash = RequestHash.of(request, "request_id");
    Instant now = clock.instant();
    // Whoever comes second with the same request_id waits here until the first has committed.
    if (dao.claim(requestId, hash, now, now.minus(KEPT)) == 1) {
      R response = work.apply(handle);
      dao.complete(requestId, response.toByteArray());
      return response;
    }
    return read(dao.find(requestId), request, emptyResponse);
  }

  private static <R extends Message> R read(
      AnsweredRequestDao.Answer answer, Message request, R emptyResponse) {
    if (!Arrays.equals(answer.requestHash(), RequestHash.of(request, "request_id"))) {
      throw new InvalidArgumentException(
          "REQUEST_ID_REUSED",
          List.of(
              new Violation(
                  "request_id",
                  "was used for another request within the last 24 hours; choose a new one")));
    }
    return parse(answer.response(), emptyResponse);
  }

  @SuppressWarnings("unchecked") // A message's parser gives messages of its own type.
  private static <R extends Message> R parse(byte[] response, R emptyResponse) {
    try {
      return (R) emptyResponse.getParserForType().parseFrom(response);
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException("a stored response cannot be read", e);
    }
  }

  private void cleanNowAndThen() {
    Instant last = lastCleaning.get();
    Instant now = clock.instant();
    if (now.isAfter(last.plus(BETWEEN_CLEANINGS)) && lastCleaning.compareAndSet(last, now)) {
      jdbi.useExtension(AnsweredRequestDao.class, dao -> dao.deleteBefore(now.minus(KEPT)));
    }
  }
}
