package io.athena.procedures.code;

import io.athena.procedures.code.ProcedureBranch.Written;
import io.athena.procedures.db.Times;
import io.athena.procedures.procedure.Definitions;
import io.athena.procedures.procedure.Etags;
import io.athena.procedures.procedure.Procedures;
import io.athena.procedures.v1.CodeVersion;
import io.athena.procedures.v1.Procedure;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import org.eclipse.jgit.lib.ObjectId;
import org.jdbi.v3.core.Handle;

/**
 * Writes versions: commit, ref, tag and rows in the transaction of the caller, so that git and the
 * rows cannot disagree. This is the one place that adds to a procedure's history.
 */
final class VersionWriter {
  private VersionWriter() {}

  /** What was added, and the procedure's new etag. */
  record Added(CodeVersion version, String etag) {}

  /**
   * Locks a procedure, as {@link Procedures#lock} does, and sees that its history is in git.
   *
   * @throws io.athena.procedures.error.NotFoundException if there is none
   */
  static Procedure lock(Handle handle, long procedureId) {
    Procedure procedure = Procedures.lock(handle, procedureId);
    if (procedure.getCurrentVersion() == 0 || !procedure.getCurrentCommitId().isEmpty()) {
      return procedure;
    }
    HistoryUpgrade.upgrade(handle, procedure);
    return Procedures.lock(handle, procedureId);
  }

  /**
   * Adds a version and makes it current, with the evidence there is for its code.
   *
   * @param procedure as it was when {@link #lock} locked it, so that numbers have no gaps
   * @param draft true if it is saved whatever was found in it
   */
  static Added append(
      Handle handle, Procedure procedure, NewVersion version, boolean draft, Instant now) {
    int number = procedure.getCurrentVersion() + 1;
    String message = version.message().isEmpty() ? "Save version " + number : version.message();
    try {
      Written written =
          branch(handle, procedure)
              .append(
                  tip(procedure),
                  number,
                  version.code(),
                  Definitions.document(procedure).getBytes(StandardCharsets.UTF_8),
                  Authors.of(version.author(), now),
                  message);
      return index(
          handle,
          procedure,
          new CodeDao.Row(
              written.commit().name(),
              bytes(written.code()),
              version.sha256(),
              version.code().length,
              version.author(),
              message,
              0,
              draft,
              Confidence.beforeAnyRun(),
              Definitions.id(procedure)),
          now);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Makes the code of an earlier version current again, with the evidence for it.
   *
   * @param procedure as it was when {@link #lock} locked it
   * @param target number of that version
   */
  static Added restore(
      Handle handle,
      Procedure procedure,
      CodeVersion target,
      String author,
      String reason,
      Instant now) {
    CodeDao.Restorable restorable =
        handle.attach(CodeDao.class).restorable(procedure.getProcedureId(), target.getVersion());
    int number = procedure.getCurrentVersion() + 1;
    String message =
        "Roll back to v" + target.getVersion() + (reason.isEmpty() ? "" : ": " + reason);
    try {
      ObjectId commit =
          branch(handle, procedure)
              .restore(
                  tip(procedure),
                  number,
                  ObjectId.fromString(restorable.commitId()),
                  Authors.of(author, now),
                  message);
      return index(
          handle,
          procedure,
          new CodeDao.Row(
              commit.name(),
              restorable.codeObject(),
              target.getSha256(),
              restorable.sizeBytes(),
              author,
              message,
              target.getVersion(),
              restorable.draft(),
              Confidence.beforeAnyRun(),
              ""),
          now);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Added index(Handle handle, Procedure procedure, CodeDao.Row row, Instant now) {
    CodeDao dao = handle.attach(CodeDao.class);
    long id = procedure.getProcedureId();
    int number = procedure.getCurrentVersion() + 1;
    CodeDao.Appended appended =
        dao.append(id, number, row, now)
            .orElseThrow(() ->
                new IllegalStateException("procedure " + id + " changed although it was locked"));
    CodeVersion added =
        CodeVersion.newBuilder()
            .setProcedureId(id)
            .setVersion(number)
            .setCommitId(row.commitId())
            .setAuthor(row.author())
            .setMessage(row.message())
            .setCreateTime(Times.toProto(now))
            .setSizeBytes(row.sizeBytes())
            .setSha256(row.sha256())
            .setCurrent(true)
            .setConfidence(appended.confidence())
            .setRolledBackTo(row.rolledBackTo())
            .setDraft(row.draft())
            .build();
    return new Added(added, Etags.of(id, appended.revision()));
  }

  /**
   * Removes the branch and the tags of a procedure. Its commits stay for a while; {@link
   * HistoryMaintenance} removes them.
   */
  static void remove(Handle handle, Procedure procedure) {
    handle.attach(HistoryMaintenanceDao.class).note(procedure.getProcedureId());
    try {
      branch(handle, procedure).remove();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static ProcedureBranch branch(Handle handle, Procedure procedure) {
    return new ProcedureBranch(handle, procedure.getProject(), procedure.getProcedureId());
  }

  private static ObjectId tip(Procedure procedure) {
    return procedure.getCurrentVersion() == 0
        ? ObjectId.zeroId()
        : ObjectId.fromString(procedure.getCurrentCommitId());
  }

  static byte[] bytes(ObjectId id) {
    byte[] bytes = new byte[20];
    id.copyRawTo(bytes, 0);
    return bytes;
  }
}
