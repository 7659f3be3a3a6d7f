package io.athena.procedures.code;

import io.athena.procedures.v1.Procedure;
import java.time.Instant;
import org.jdbi.v3.core.Handle;

/** Writes versions. This is the one place that adds to a procedure's history. */
final class VersionWriter {
  private VersionWriter() {}

  /**
   * Adds a version and makes it current.
   *
   * @param handle of a transaction that has locked the procedure, so that numbers have no gaps
   * @param procedure as it was when it was locked
   * @return the number of the version
   */
  static int append(Handle handle, Procedure procedure, NewVersion version, Instant now) {
    CodeDao dao = handle.attach(CodeDao.class);
    long id = procedure.getProcedureId();
    int number = procedure.getCurrentVersion() + 1;
    dao.insert(
        id,
        number,
        version.code(),
        version.sha256(),
        version.sizeBytes(),
        version.author(),
        version.message().isEmpty() ? "Save version " + number : version.message(),
        version.rolledBackTo(),
        now);
    dao.insertStats(id, number, Confidence.beforeAnyRun());
    dao.makeCurrent(id, number, now);
    return number;
  }
}
