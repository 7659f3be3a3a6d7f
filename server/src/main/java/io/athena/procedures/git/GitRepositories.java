package io.athena.procedures.git;

import io.athena.procedures.db.DaoInterfaces;
import io.athena.procedures.error.NotFoundException;
import java.util.Map;
import org.eclipse.jgit.lib.Repository;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;

/** Opens the git repositories of projects. Thread-safe; the repositories it gives are too. */
public final class GitRepositories {
  /** Of the heap, for what all readers together keep in memory of what they will need. */
  private static final int READ_AHEAD_SHARE = 4;

  private final Jdbi jdbi;
  private final ReadAhead.Budget readAheadBudget;

  /** On a database with the server's schema. */
  public GitRepositories(Jdbi jdbi) {
    this.jdbi = jdbi;
    prepare(jdbi);
    this.readAheadBudget =
        new ReadAhead.Budget(Runtime.getRuntime().maxMemory() / READ_AHEAD_SHARE);
  }

  /** Spares all writers on a database some time. */
  public static void prepare(Jdbi jdbi) {
    DaoInterfaces.examine(jdbi, GitDao.class);
  }

  /**
   * Opens a project's repository for reading. Nothing has to be closed, but a repository may be.
   *
   * <p>Each look takes a connection for the time of one statement and sees what is committed then.
   * Objects that were reachable stay for the grace period of maintenance, so a reader that has seen
   * a ref can read all that it refers to.
   *
   * @return without refs if no procedure of the project has code
   * @throws NotFoundException with reason PROJECT_NOT_FOUND if the project has no procedures
   */
  public Repository open(String project) {
    boolean known =
        project.indexOf('\0') < 0
            && jdbi.withExtension(GitDao.class, dao -> dao.hasProcedures(project));
    if (!known) {
      throw new NotFoundException(
          "PROJECT_NOT_FOUND",
          "there is no project '%s': no procedure belongs to it"
              .formatted(project.replaceAll("\\p{Cntrl}", "?")),
          Map.of("project", project));
    }
    return new DatabaseRepository(project, GitTables.of(jdbi, project, readAheadBudget));
  }

  /**
   * A project's repository as a transaction sees it, for reading and writing in that transaction.
   * It must not be used after it, nor by another thread.
   */
  public static Repository in(Handle handle, String project) {
    return new DatabaseRepository(project, GitTables.of(handle, project));
  }
}
