package io.athena.procedures.code;

import io.athena.procedures.db.DaoInterfaces;
import org.jdbi.v3.core.Jdbi;
import org.jspecify.annotations.Nullable;

/**
 * Keeps with each version whether it may run, so that runs after the first need not ask.
 * Thread-safe.
 */
public final class RunVerdicts {
  private final Jdbi jdbi;

  /** On a database with the server's schema. */
  public RunVerdicts(Jdbi jdbi) {
    DaoInterfaces.examine(jdbi, VerdictDao.class);
    this.jdbi = jdbi;
  }

  /**
   * Keeps a verdict in place of the one before.
   *
   * @param judgedBy tells rules, policy and definition from all others
   * @param refusedFor a ValidationReport with the errors; null if the version may run
   */
  public void keep(RunnableCode code, String judgedBy, byte @Nullable [] refusedFor) {
    jdbi.useExtension(
        VerdictDao.class,
        dao -> dao.keep(code.procedureId(), code.version(), judgedBy, refusedFor));
  }
}
