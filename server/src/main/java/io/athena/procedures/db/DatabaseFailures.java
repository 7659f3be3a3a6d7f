package io.athena.procedures.db;

import io.athena.procedures.error.AbortedException;
import io.athena.procedures.error.ServiceException;
import io.athena.procedures.error.UnavailableException;
import java.sql.SQLException;
import java.sql.SQLNonTransientConnectionException;
import java.sql.SQLTransientConnectionException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jdbi.v3.core.ConnectionException;
import org.jspecify.annotations.Nullable;

/**
 * Tells failures of the database apart, by SQLSTATE (PostgreSQL's manual, appendix A); the one
 * place that knows these.
 */
public final class DatabaseFailures {
  /** Connection lost; the database stops, crashed or starts; it has no connection left. */
  private static final List<String> UNREACHABLE = List.of("08", "57P0", "53300");

  /** Nobody answers at its address, or no more. */
  private static final List<String> UNANSWERED = List.of("08");

  /** The transaction was undone because it met others: deadlock, serialization failure. */
  private static final List<String> UNDONE = List.of("40");

  /** Resources short, objects in use, the operator intervened, the system failed. */
  private static final List<String> IN_TROUBLE = List.of("53", "55", "57", "58");

  private static final List<String> FOREIGN_KEY = List.of("23503");
  private static final List<String> UNIQUE = List.of("23505");

  private static final int LONGEST_CHAIN = 50;

  private DatabaseFailures() {}

  /**
   * What to tell a caller whose request failed because the database cannot be reached, or empty if
   * that is not why it failed.
   */
  public static Optional<UnavailableException> toUnavailable(Throwable failure) {
    if (!isUnreachable(failure)) {
      return Optional.empty();
    }
    var unavailable =
        new UnavailableException(
            "DATABASE_UNAVAILABLE",
            "the server cannot reach its database; repeat the call later",
            Map.of());
    unavailable.initCause(failure);
    return Optional.of(unavailable);
  }

  /**
   * What to tell a caller whose request may succeed when it is repeated; empty for other failures.
   */
  public static Optional<ServiceException> toServiceException(Throwable failure) {
    if (isUndone(failure)) {
      var aborted =
          new AbortedException(
              "TRANSACTION_UNDONE",
              "the database undid the call because it met others; nothing was changed, repeat it",
              Map.of());
      aborted.initCause(failure);
      return Optional.of(aborted);
    }
    return toUnavailable(failure).map(unavailable -> unavailable);
  }

  /** True if the same statement may succeed later. */
  public static boolean isPassing(@Nullable Throwable failure) {
    return isUnreachable(failure)
        || isUndone(failure)
        || has(failure, IN_TROUBLE)
        || any(failure, cause -> cause instanceof ConnectionException)
        || any(failure, cause -> cause instanceof SQLException sql && sql.getSQLState() == null);
  }

  /** True if the transaction was undone because it met others; the same one may succeed at once. */
  public static boolean isUndone(@Nullable Throwable failure) {
    return has(failure, UNDONE);
  }

  /** True if a row that is referred to is gone. */
  public static boolean isMissingReference(@Nullable Throwable failure) {
    return has(failure, FOREIGN_KEY);
  }

  /** True if there is a row already that must be the only one. */
  public static boolean isDuplicate(@Nullable Throwable failure) {
    return has(failure, UNIQUE);
  }

  /** True if nobody answers at the database's address; one that starts or is full does. */
  static boolean isUnanswered(Throwable failure) {
    return has(failure, UNANSWERED);
  }

  private static boolean isUnreachable(@Nullable Throwable failure) {
    return has(failure, UNREACHABLE)
        || any(
            failure,
            cause ->
                cause instanceof SQLTransientConnectionException
                    || cause instanceof SQLNonTransientConnectionException);
  }

  private static boolean has(@Nullable Throwable failure, List<String> states) {
    return any(
        failure,
        cause ->
            cause instanceof SQLException sql
                && sql.getSQLState() != null
                && states.stream().anyMatch(sql.getSQLState()::startsWith));
  }

  private static boolean any(@Nullable Throwable failure, Predicate<Throwable> test) {
    return Stream.iterate(failure, Objects::nonNull, Throwable::getCause)
        .limit(LONGEST_CHAIN)
        .anyMatch(test);
  }
}
