package io.athena.procedures.db;

import io.athena.procedures.error.UnavailableException;
import java.sql.SQLException;
import java.sql.SQLNonTransientConnectionException;
import java.sql.SQLTransientConnectionException;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/** Tells the loss of the database from all other failures. */
public final class ConnectionFailures {
  private ConnectionFailures() {}

  /**
   * What to tell a caller whose request failed because the database cannot be reached, or empty if
   * that is not why it failed.
   */
  public static Optional<UnavailableException> toUnavailable(Throwable failure) {
    if (Stream.iterate(failure, Objects::nonNull, Throwable::getCause)
        .limit(50)
        .noneMatch(ConnectionFailures::isOfConnection)) {
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

  private static boolean isOfConnection(Throwable failure) {
    if (failure instanceof SQLTransientConnectionException
        || failure instanceof SQLNonTransientConnectionException) {
      return true;
    }
    String state =
        failure instanceof SQLException sql && sql.getSQLState() != null ? sql.getSQLState() : "";
    // 08: connection exceptions. 57P0x: the database stops, crashed or starts. 53300: it has no
    // connection left.
    return state.startsWith("08") || state.startsWith("57P0") || state.equals("53300");
  }
}
