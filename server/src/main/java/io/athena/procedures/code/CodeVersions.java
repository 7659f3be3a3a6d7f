package io.athena.procedures.code;

import io.athena.procedures.db.AnsweredRequests;
import io.athena.procedures.db.Paging;
import io.athena.procedures.db.Times;
import io.athena.procedures.error.AbortedException;
import io.athena.procedures.error.InvalidArgumentException;
import io.athena.procedures.error.NotFoundException;
import io.athena.procedures.error.Violations;
import io.athena.procedures.procedure.Etags;
import io.athena.procedures.procedure.MissingProcedures;
import io.athena.procedures.procedure.Procedures;
import io.athena.procedures.procedure.TextRules;
import io.athena.procedures.v1.CodeVersion;
import io.athena.procedures.v1.GetProcedureVersionRequest;
import io.athena.procedures.v1.ListProcedureVersionsRequest;
import io.athena.procedures.v1.Procedure;
import io.athena.procedures.v1.SaveProcedureCodeRequest;
import io.athena.procedures.v1.SaveProcedureCodeResponse;
import java.time.Clock;
import java.util.Optional;
import java.util.function.Supplier;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;

/** Keeps the versions of procedures' code. Thread-safe. */
public final class CodeVersions {
  private static final int MOST_BYTES = 1 << 20;

  private final Jdbi jdbi;
  private final Clock clock;
  private final AnsweredRequests answeredRequests;
  private final Supplier<String> caller;

  /**
   * On a database with the server's schema.
   *
   * @param caller gives the name of whoever makes the call that this thread serves, such as
   *     "anonymous"
   */
  public CodeVersions(
      Jdbi jdbi, Clock clock, AnsweredRequests answeredRequests, Supplier<String> caller) {
    this.jdbi = jdbi;
    this.clock = clock;
    this.answeredRequests = answeredRequests;
    this.caller = caller;
  }

  /**
   * Saves code as the new current version, unless the current one has the same code.
   *
   * @throws InvalidArgumentException if the request breaks a rule
   * @throws NotFoundException if there is no such procedure
   * @throws AbortedException if the request's etag is not the procedure's
   */
  public SaveProcedureCodeResponse save(SaveProcedureCodeRequest request) {
    var violations = new Violations();
    Procedures.checkId(violations, "procedure_id", request.getProcedureId());
    TextRules.check(violations, "message", request.getMessage(), 10_000);
    TextRules.check(violations, "author", request.getAuthor(), 200);
    TextRules.checkRequestId(violations, request.getRequestId());
    violations.check(!request.getCode().isEmpty(), "code", "must not be empty");
    TextRules.checkCharacters(violations, "code", request.getCode());
    String author = request.getAuthor().isEmpty() ? caller.get() : request.getAuthor();
    NewVersion version = NewVersion.of(request.getCode(), author, request.getMessage());
    violations.check(
        version.sizeBytes() <= MOST_BYTES,
        "code",
        "has %,d bytes of UTF-8; at most %,d (1 MiB) are allowed"
            .formatted(version.sizeBytes(), MOST_BYTES));
    violations.throwIfAny();
    return answeredRequests.answer(
        request.getRequestId(),
        request,
        SaveProcedureCodeResponse.getDefaultInstance(),
        handle -> save(handle, request, version));
  }

  private SaveProcedureCodeResponse save(
      Handle handle, SaveProcedureCodeRequest request, NewVersion version) {
    Procedure procedure = Procedures.lock(handle, request.getProcedureId());
    Etags.require(request.getEtag(), procedure);
    boolean isNew =
        find(handle, procedure, procedure.getCurrentVersion())
            .map(current -> !current.getSha256().equals(version.sha256()))
            .orElse(true);
    if (isNew) {
      VersionWriter.append(handle, procedure, version, Times.now(clock));
      procedure = Procedures.lock(handle, request.getProcedureId());
    }
    return SaveProcedureCodeResponse.newBuilder()
        .setVersion(find(handle, procedure, procedure.getCurrentVersion()).orElseThrow())
        .setCreated(isNew)
        .setEtag(procedure.getEtag())
        .build();
  }

  private static Optional<CodeVersion> find(Handle handle, Procedure procedure, int version) {
    return handle.attach(CodeDao.class).find(procedure.getProcedureId(), version, false);
  }

  /**
   * Gives a page of versions, newest first, without their code.
   *
   * @throws NotFoundException if there is no such procedure
   */
  public Paging.Page<CodeVersion> list(ListProcedureVersionsRequest request) {
    var violations = new Violations();
    Procedures.checkId(violations, "procedure_id", request.getProcedureId());
    Paging paging = Paging.of(request, violations);
    violations.throwIfAny();
    int before = paging.after().map(Integer::parseInt).orElse(Integer.MAX_VALUE);
    return jdbi.withHandle(handle -> {
      CodeDao dao = handle.attach(CodeDao.class);
      if (dao.currentVersion(request.getProcedureId()).isEmpty()) {
        throw MissingProcedures.byId(handle, request.getProcedureId());
      }
      return paging.page(
          dao.list(request.getProcedureId(), before, paging.rowsToRead(), false),
          version -> Integer.toString(version.getVersion()));
    });
  }

  /**
   * Gives a version with its code.
   *
   * @throws NotFoundException if there is no such procedure or version
   */
  public CodeVersion get(GetProcedureVersionRequest request) {
    var violations = new Violations();
    Procedures.checkId(violations, "procedure_id", request.getProcedureId());
    violations.throwIfAny();
    long id = request.getProcedureId();
    return jdbi.withHandle(handle -> {
      CodeDao dao = handle.attach(CodeDao.class);
      int newest = dao.currentVersion(id).orElseThrow(() -> MissingProcedures.byId(handle, id));
      int number =
          switch (VersionSpec.parse(request.getVersion())) {
            case VersionSpec.Current() -> newest;
            case VersionSpec.Numbered(int given) -> given;
            // Neither tags nor commits are kept: no version has the name.
            case VersionSpec.Named(String name) -> 0;
          };
      return dao.find(id, number, true)
          .orElseThrow(() -> MissingVersions.of(id, request.getVersion(), newest));
    });
  }
}
