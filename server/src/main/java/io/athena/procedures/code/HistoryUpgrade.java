package io.athena.procedures.code;

import io.athena.procedures.code.ProcedureBranch.Written;
import io.athena.procedures.db.Transactions;
import io.athena.procedures.git.GitRepositories;
import io.athena.procedures.procedure.Definitions;
import io.athena.procedures.procedure.Procedures;
import io.athena.procedures.v1.Procedure;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.lib.Repository;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Moves versions that were saved before there was git into git.
 *
 * <p>Nothing can be lost: each procedure is moved in a transaction of its own that has locked it, a
 * row gives its code away only when the same code has been read back from its object, and a crash
 * leaves a procedure as it was or moved as a whole. The server reads versions of both kinds, so it
 * does not matter when this happens, and another server may do it at the same time.
 */
public final class HistoryUpgrade {
  private static final Logger log = LoggerFactory.getLogger(HistoryUpgrade.class);
  private static final int AT_A_TIME = 1_000;

  private HistoryUpgrade() {}

  /**
   * Moves all there are; almost free if there are none.
   *
   * @return how many procedures were moved
   */
  public static int upgradeAll(Jdbi jdbi) {
    int moved = 0;
    while (true) {
      List<Long> procedures =
          jdbi.withExtension(HistoryUpgradeDao.class, dao -> dao.proceduresOutsideGit(AT_A_TIME));
      if (procedures.isEmpty()) {
        return moved;
      }
      for (long procedureId : procedures) {
        moved += Transactions.inTransaction(jdbi, handle -> upgrade(handle, procedureId)) ? 1 : 0;
      }
      log.info("moved the versions of {} procedures into git", moved);
    }
  }

  private static boolean upgrade(Handle handle, long procedureId) {
    if (handle.attach(HistoryUpgradeDao.class).versionsOutsideGit(procedureId).isEmpty()) {
      return false;
    }
    upgrade(handle, Procedures.lock(handle, procedureId));
    return true;
  }

  /** Moves the versions of one procedure, which the transaction has locked. */
  static void upgrade(Handle handle, Procedure procedure) {
    HistoryUpgradeDao dao = handle.attach(HistoryUpgradeDao.class);
    long id = procedure.getProcedureId();
    ProcedureBranch branch = new ProcedureBranch(handle, procedure.getProject(), id);
    // What the definition was in those days is not known.
    byte[] definition = Definitions.document(procedure).getBytes(StandardCharsets.UTF_8);
    try (Repository repository = GitRepositories.in(handle, procedure.getProject())) {
      for (int version : dao.versionsOutsideGit(id)) {
        HistoryUpgradeDao.Row row = dao.row(id, version);
        byte[] code = row.code().getBytes(StandardCharsets.UTF_8);
        Written written =
            branch.append(
                dao.commit(id, version - 1).map(ObjectId::fromString).orElse(ObjectId.zeroId()),
                version,
                code,
                definition,
                Authors.of(row.author(), row.createTime()),
                row.message());
        byte[] stored = repository.open(written.code()).getBytes();
        if (!Arrays.equals(code, stored)
            || dao.move(id, version, written.commit().name(), VersionWriter.bytes(written.code()))
                != 1) {
          throw new IllegalStateException(
              "v%d of procedure %d was not moved into git; it stays where it was"
                  .formatted(version, id));
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
