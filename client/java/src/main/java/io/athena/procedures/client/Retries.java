package io.athena.procedures.client;

import static java.util.concurrent.TimeUnit.MILLISECONDS;

import io.grpc.Status;
import io.grpc.StatusException;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * Repeats calls that may be repeated, with a delay that doubles from 100 ms to 2 s and is spread by
 * up to half, so that many callers do not come back together.
 */
final class Retries {
  private static final long FIRST_DELAY_MILLIS = 100;
  private static final long LAST_DELAY_MILLIS = 2_000;

  private final int maxAttempts;
  private final Duration maxTime;

  Retries(int maxAttempts, Duration maxTime) {
    this.maxAttempts = maxAttempts;
    this.maxTime = maxTime;
  }

  /** A call that fails with a status. */
  interface Call<T> {
    T attempt() throws StatusException, InterruptedException;
  }

  /** One attempt: for calls that might do something twice. */
  <T> T once(Call<T> call) {
    return run(call, 1);
  }

  /** Several attempts: for calls that only read, or carry a request_id. */
  <T> T repeatedly(Call<T> call) {
    return run(call, maxAttempts);
  }

  /** Waits as long as is due after so many failures in succession, from 1. */
  static void pauseAfter(int failures, AthenaException last) {
    pause(wait(failures, last));
  }

  private <T> T run(Call<T> call, int attempts) {
    long end = System.nanoTime() + maxTime.toNanos();
    AthenaException earlier = null;
    for (int attempt = 1; ; attempt++) {
      try {
        return call.attempt();
      } catch (StatusException e) {
        AthenaException failure = AthenaException.from(e);
        long wait = wait(attempt, failure);
        if (attempt >= attempts
            || !mayPass(failure.code())
            || System.nanoTime() - end + MILLISECONDS.toNanos(wait) >= 0) {
          throw moreTelling(failure, earlier);
        }
        earlier = failure;
        pause(wait);
      } catch (InterruptedException e) {
        throw interrupted(e);
      }
    }
  }

  /** That time ran out says less than what kept failing until it did. */
  private static AthenaException moreTelling(
      AthenaException failure, @Nullable AthenaException earlier) {
    if (failure.code() == Status.Code.DEADLINE_EXCEEDED && earlier != null) {
      earlier.addSuppressed(failure);
      return earlier;
    }
    return failure;
  }

  private static boolean mayPass(Status.Code code) {
    return switch (code) {
      case UNAVAILABLE -> true;
      // The service decided, or (DEADLINE_EXCEEDED, CANCELLED) the caller did.
      case OK,
          CANCELLED,
          UNKNOWN,
          INVALID_ARGUMENT,
          DEADLINE_EXCEEDED,
          NOT_FOUND,
          ALREADY_EXISTS,
          PERMISSION_DENIED,
          RESOURCE_EXHAUSTED,
          FAILED_PRECONDITION,
          ABORTED,
          OUT_OF_RANGE,
          UNIMPLEMENTED,
          INTERNAL,
          DATA_LOSS,
          UNAUTHENTICATED ->
          false;
    };
  }

  /** Milliseconds; what asks for more than there is time for is not waited for. */
  private static long wait(int attempt, AthenaException failure) {
    long delay = Math.min(LAST_DELAY_MILLIS, FIRST_DELAY_MILLIS << Math.min(attempt - 1, 10));
    Duration asked = failure.retryDelay();
    if (asked != null && asked.toMillis() > delay) {
      return asked.toMillis() + ThreadLocalRandom.current().nextLong(delay);
    }
    return delay / 2 + ThreadLocalRandom.current().nextLong(delay / 2 + 1);
  }

  private static void pause(long millis) {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  static AthenaException interrupted(InterruptedException cause) {
    Thread.currentThread().interrupt();
    return AthenaException.from(
        Status.CANCELLED
            .withDescription("the calling thread was interrupted")
            .withCause(cause)
            .asException());
  }
}
