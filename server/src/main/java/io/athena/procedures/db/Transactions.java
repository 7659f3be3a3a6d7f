package io.athena.procedures.db;

import java.util.function.Function;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Transactions that begin anew when the database undoes them because they met others. */
public final class Transactions {
  private static final Logger log = LoggerFactory.getLogger(Transactions.class);
  private static final int ATTEMPTS = 3;

  private Transactions() {}

  /**
   * Runs {@code work} in a transaction, up to three times while PostgreSQL ends it to resolve a
   * deadlock: whoever it met goes on and is probably done by then.
   *
   * @param work does nothing but what the transaction undoes when it fails
   */
  public static <R> R inTransaction(Jdbi jdbi, Function<Handle, R> work) {
    for (int attempt = 1; ; attempt++) {
      try {
        return jdbi.inTransaction(work::apply);
      } catch (RuntimeException failure) {
        if (!DatabaseFailures.isUndone(failure) || attempt == ATTEMPTS) {
          throw failure;
        }
        log.info("a transaction was undone and is tried again: {}", failure.toString());
      }
    }
  }
}
