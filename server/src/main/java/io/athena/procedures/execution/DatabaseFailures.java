package io.athena.procedures.execution;

import java.sql.SQLException;
import java.util.List;
import org.jdbi.v3.core.ConnectionException;
import org.jspecify.annotations.Nullable;

/** Tells failures of the database apart. */
final class DatabaseFailures {
  /** Connection lost, transaction rolled back, resources short, server going down or failing. */
  private static final List<String> PASSING = List.of("08", "40", "53", "55", "57", "58");

  private static final String FOREIGN_KEY = "23503";

  private DatabaseFailures() {}

  /** True if the same statement may succeed later. */
  static boolean isPassing(@Nullable Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof ConnectionException) {
        return true;
      }
      if (cause instanceof SQLException sql) {
        return sql.getSQLState() == null
            || PASSING.stream().anyMatch(sql.getSQLState()::startsWith);
      }
    }
    return false;
  }

  /** True if a row that is referred to is gone. */
  static boolean isMissingReference(@Nullable Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof SQLException sql) {
        return FOREIGN_KEY.equals(sql.getSQLState());
      }
    }
    return false;
  }
}
