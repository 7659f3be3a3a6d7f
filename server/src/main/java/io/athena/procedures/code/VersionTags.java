package io.athena.procedures.code;

import io.athena.procedures.db.AnsweredRequests;
import io.athena.procedures.error.AlreadyExistsException;
import io.athena.procedures.error.FailedPreconditionException;
import io.athena.procedures.error.InvalidArgumentException;
import io.athena.procedures.error.NotFoundException;
import io.athena.procedures.error.Violations;
import io.athena.procedures.procedure.Procedures;
import io.athena.procedures.procedure.TextRules;
import io.athena.procedures.v1.CodeVersion;
import io.athena.procedures.v1.Procedure;
import io.athena.procedures.v1.TagProcedureVersionRequest;
import io.athena.procedures.v1.TagProcedureVersionResponse;
import io.athena.procedures.v1.UntagProcedureVersionRequest;
import io.athena.procedures.v1.UntagProcedureVersionResponse;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;
import org.eclipse.jgit.lib.ObjectId;
import org.jdbi.v3.core.Handle;

/** Gives names to versions. Thread-safe. */
public final class VersionTags {
  private static final int MOST_TAGS = 1_000;

  private final AnsweredRequests answeredRequests;

  /** On the database of {@code answeredRequests}. */
  public VersionTags(AnsweredRequests answeredRequests) {
    this.answeredRequests = answeredRequests;
  }

  /**
   * Names a version.
   *
   * @throws InvalidArgumentException if the name breaks its rule
   * @throws NotFoundException if there is no such procedure or version
   * @throws AlreadyExistsException if another version has the name and the request does not say to
   *     move it
   * @throws FailedPreconditionException if the procedure has too many tags
   */
  public TagProcedureVersionResponse tag(TagProcedureVersionRequest request) {
    var violations = new Violations();
    Procedures.checkId(violations, "procedure_id", request.getProcedureId());
    TagNames.check(violations, request.getTag());
    TextRules.checkRequestId(violations, request.getRequestId());
    violations.throwIfAny();
    return answeredRequests.answer(
        request.getRequestId(),
        request,
        TagProcedureVersionResponse.getDefaultInstance(),
        handle -> tag(handle, request));
  }

  private static TagProcedureVersionResponse tag(
      Handle handle, TagProcedureVersionRequest request) {
    Procedure procedure = VersionWriter.lock(handle, request.getProcedureId());
    long id = procedure.getProcedureId();
    String tag = request.getTag();
    CodeDao versions = handle.attach(CodeDao.class);
    CodeVersion version = CodeVersions.find(handle, procedure, request.getVersion());
    VersionNameDao names = handle.attach(VersionNameDao.class);
    int before = names.byTag(id, tag).orElse(0);
    if (before != version.getVersion()) {
      if (before == 0) {
        requireRoom(names, id);
        requireNoLikeness(names, id, tag);
      } else if (!request.getMove()) {
        throw taken(id, tag, before);
      }
      int changed =
          before == 0
              ? names.insert(id, tag, version.getVersion())
              : names.move(id, tag, before, version.getVersion());
      requireOne(changed, id, tag);
      ObjectId from = before == 0 ? ObjectId.zeroId() : commit(versions, id, before);
      try {
        branch(handle, procedure).tag(tag, from, ObjectId.fromString(version.getCommitId()));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    return TagProcedureVersionResponse.newBuilder()
        .setVersion(versions.find(id, version.getVersion(), false).orElseThrow())
        .setMovedFromVersion(before == version.getVersion() ? 0 : before)
        .build();
  }

  /**
   * Takes a name away.
   *
   * @throws NotFoundException if there is no such procedure, or no version of it has the name
   */
  public UntagProcedureVersionResponse untag(UntagProcedureVersionRequest request) {
    var violations = new Violations();
    Procedures.checkId(violations, "procedure_id", request.getProcedureId());
    TagNames.check(violations, request.getTag());
    TextRules.checkRequestId(violations, request.getRequestId());
    violations.throwIfAny();
    return answeredRequests.answer(
        request.getRequestId(),
        request,
        UntagProcedureVersionResponse.getDefaultInstance(),
        handle -> untag(handle, request));
  }

  private static UntagProcedureVersionResponse untag(
      Handle handle, UntagProcedureVersionRequest request) {
    Procedure procedure = VersionWriter.lock(handle, request.getProcedureId());
    long id = procedure.getProcedureId();
    String tag = request.getTag();
    VersionNameDao names = handle.attach(VersionNameDao.class);
    int version = names.byTag(id, tag).orElseThrow(() -> missing(id, tag));
    CodeDao versions = handle.attach(CodeDao.class);
    requireOne(names.delete(id, tag, version), id, tag);
    try {
      branch(handle, procedure).untag(tag, commit(versions, id, version));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return UntagProcedureVersionResponse.newBuilder()
        .setVersion(versions.find(id, version, false).orElseThrow())
        .build();
  }

  private static void requireRoom(VersionNameDao names, long procedureId) {
    if (names.count(procedureId) >= MOST_TAGS) {
      throw new FailedPreconditionException(
          "TOO_MANY_TAGS",
          "procedure %d has %,d tags already; remove one, or move one, and repeat the call"
              .formatted(procedureId, MOST_TAGS),
          Map.of("procedure_id", Long.toString(procedureId)));
    }
  }

  /** Clones on file systems that do not tell case apart could keep only one of both. */
  private static void requireNoLikeness(VersionNameDao names, long procedureId, String tag) {
    names
        .likeTag(procedureId, tag)
        .ifPresent(other -> {
          throw new AlreadyExistsException(
              "TAG_ALREADY_EXISTS",
              "procedure %d has the tag %s, which differs from %s only in capitals; choose another"
                  .formatted(procedureId, TextRules.quote(other), TextRules.quote(tag)),
              Map.of("procedure_id", Long.toString(procedureId), "tag", other));
        });
  }

  private static void requireOne(int changed, long procedureId, String tag) {
    if (changed != 1) {
      throw new IllegalStateException(
          "tag %s of procedure %d changed although the procedure was locked"
              .formatted(TextRules.quote(tag), procedureId));
    }
  }

  private static ObjectId commit(CodeDao versions, long procedureId, int version) {
    return ObjectId.fromString(
        versions.find(procedureId, version, false).orElseThrow().getCommitId());
  }

  private static ProcedureBranch branch(Handle handle, Procedure procedure) {
    return new ProcedureBranch(handle, procedure.getProject(), procedure.getProcedureId());
  }

  private static AlreadyExistsException taken(long procedureId, String tag, int version) {
    return new AlreadyExistsException(
        "TAG_ALREADY_EXISTS",
        "v%d of procedure %d has the tag %s; choose another, or ask to move it"
            .formatted(version, procedureId, TextRules.quote(tag)),
        Map.of("procedure_id", Long.toString(procedureId), "version", Integer.toString(version)));
  }

  private static NotFoundException missing(long procedureId, String tag) {
    return new NotFoundException(
        "TAG_NOT_FOUND",
        "no version of procedure %d has the tag %s; ListProcedureVersions shows the tags there are"
            .formatted(procedureId, TextRules.quote(tag)),
        Map.of("procedure_id", Long.toString(procedureId)));
  }
}
