package io.athena.procedures.code;

import io.athena.procedures.db.AnsweredRequests;
import io.athena.procedures.db.DaoInterfaces;
import io.athena.procedures.db.Paging;
import io.athena.procedures.db.Times;
import io.athena.procedures.error.AbortedException;
import io.athena.procedures.error.FailedPreconditionException;
import io.athena.procedures.error.InvalidArgumentException;
import io.athena.procedures.error.NotFoundException;
import io.athena.procedures.error.Violations;
import io.athena.procedures.git.GitRepositories;
import io.athena.procedures.procedure.Etags;
import io.athena.procedures.procedure.MissingProcedures;
import io.athena.procedures.procedure.Procedures;
import io.athena.procedures.procedure.TextRules;
import io.athena.procedures.v1.CodeVersion;
import io.athena.procedures.v1.DiffProcedureVersionsRequest;
import io.athena.procedures.v1.DiffProcedureVersionsResponse;
import io.athena.procedures.v1.GetProcedureVersionRequest;
import io.athena.procedures.v1.ListProcedureVersionsRequest;
import io.athena.procedures.v1.Procedure;
import io.athena.procedures.v1.RollbackProcedureCodeRequest;
import io.athena.procedures.v1.RollbackProcedureCodeResponse;
import io.athena.procedures.v1.SaveProcedureCodeRequest;
import io.athena.procedures.v1.SaveProcedureCodeResponse;
import io.athena.procedures.v1.ValidationReport;
import java.time.Clock;
import java.util.Optional;
import java.util.function.Supplier;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;

/** Keeps the versions of procedures' code. Thread-safe. */
public final class CodeVersions {
  private static final int DEFAULT_CONTEXT = 3;
  private static final int MOST_CONTEXT = 100;

  private final Jdbi jdbi;
  private final Clock clock;
  private final AnsweredRequests answeredRequests;
  private final Supplier<String> caller;
  private final CodeJudge judge;

  /**
   * On a database with the server's schema.
   *
   * @param caller gives the name of whoever makes the call that this thread serves, such as
   *     "anonymous"
   * @param judge examines code before it is saved
   */
  public CodeVersions(
      Jdbi jdbi,
      Clock clock,
      AnsweredRequests answeredRequests,
      Supplier<String> caller,
      CodeJudge judge) {
    this.jdbi = jdbi;
    this.clock = clock;
    this.answeredRequests = answeredRequests;
    this.caller = caller;
    this.judge = judge;
    DaoInterfaces.examine(jdbi, CodeDao.class, VerdictDao.class, VersionNameDao.class);
    GitRepositories.prepare(jdbi);
  }

  /**
   * Saves code as the new current version, unless the current one has the same code.
   *
   * @throws InvalidArgumentException if the request breaks a rule
   * @throws NotFoundException if there is no such procedure
   * @throws AbortedException if the request's etag is not the procedure's
   * @throws FailedPreconditionException if the code must not be saved
   */
  public SaveProcedureCodeResponse save(SaveProcedureCodeRequest request) {
    NewVersion version = checked(request);
    var empty = SaveProcedureCodeResponse.getDefaultInstance();
    return answeredRequests
        .find(request.getRequestId(), request, empty)
        .orElseGet(() -> {
          JudgedSave save = judged(request, version);
          return answeredRequests.answer(
              request.getRequestId(),
              request,
              empty,
              handle -> save(handle, request, version, save.found()));
        });
  }

  /**
   * Checks and examines what is to be saved, and saves nothing; takes its time.
   *
   * @throws InvalidArgumentException if the request breaks a rule
   * @throws NotFoundException if there is no such procedure
   * @throws FailedPreconditionException if the code must not be saved
   */
  public JudgedSave judge(SaveProcedureCodeRequest request) {
    return judged(request, checked(request));
  }

  /**
   * The same for code of a procedure that is perhaps not stored yet, by the policy of its project.
   *
   * @throws InvalidArgumentException if the code or the message breaks a rule
   * @throws FailedPreconditionException if the code must not be saved
   */
  public JudgedSave judgeOf(Procedure definition, String code, String message) {
    SaveProcedureCodeRequest request =
        SaveProcedureCodeRequest.newBuilder().setCode(code).setMessage(message).build();
    NewVersion version = checked(request, new Violations());
    return new JudgedSave(this, request, version, judge.judgeOf(definition, code));
  }

  private JudgedSave judged(SaveProcedureCodeRequest request, NewVersion version) {
    return new JudgedSave(
        this,
        request,
        version,
        judge.judge(request.getProcedureId(), request.getCode(), request.getDraft()));
  }

  private NewVersion checked(SaveProcedureCodeRequest request) {
    var violations = new Violations();
    Procedures.checkId(violations, "procedure_id", request.getProcedureId());
    return checked(request, violations);
  }

  private NewVersion checked(SaveProcedureCodeRequest request, Violations violations) {
    CodeRules.check(violations, "code", request.getCode());
    TextRules.check(violations, "message", request.getMessage(), 10_000);
    Authors.check(violations, request.getAuthor());
    TextRules.checkRequestId(violations, request.getRequestId());
    violations.throwIfAny();
    String author = request.getAuthor().isEmpty() ? caller.get() : request.getAuthor();
    return NewVersion.of(request.getCode(), author, request.getMessage());
  }

  SaveProcedureCodeResponse save(
      Handle handle,
      SaveProcedureCodeRequest request,
      NewVersion version,
      Optional<ValidationReport> found) {
    SaveProcedureCodeResponse.Builder response = SaveProcedureCodeResponse.newBuilder();
    found.ifPresent(response::setValidation);
    Procedure procedure = VersionWriter.lock(handle, request.getProcedureId());
    Etags.require(request.getEtag(), procedure);
    CodeVersion current = current(handle, procedure).orElse(null);
    if (current != null && current.getSha256().equals(version.sha256())) {
      // No new version, but a new verdict: a draft, or what an old policy refused, may be sound
      // now.
      boolean draft = current.getDraft() && request.getDraft();
      return response
          .setVersion(Verdicts.renew(handle, current, found, draft))
          .setEtag(procedure.getEtag())
          .build();
    }
    VersionWriter.Added added =
        VersionWriter.append(handle, procedure, version, request.getDraft(), Times.now(clock));
    Verdicts.keepReport(handle, added.version(), found);
    return response.setVersion(added.version()).setCreated(true).setEtag(added.etag()).build();
  }

  /**
   * Makes the code of an earlier version current again, as a new version.
   *
   * @throws InvalidArgumentException if the request breaks a rule
   * @throws NotFoundException if there is no such procedure or version
   * @throws AbortedException if the request's etag is not the procedure's
   * @throws FailedPreconditionException if the code must not be saved now
   */
  public RollbackProcedureCodeResponse rollback(RollbackProcedureCodeRequest request) {
    var violations = new Violations();
    Procedures.checkId(violations, "procedure_id", request.getProcedureId());
    violations.check(
        !request.getTargetVersion().isEmpty(),
        "target_version",
        "must name the version to go back to, such as 'v3'");
    TextRules.check(violations, "reason", request.getReason(), 10_000);
    Authors.check(violations, request.getAuthor());
    TextRules.checkRequestId(violations, request.getRequestId());
    violations.throwIfAny();
    String author = request.getAuthor().isEmpty() ? caller.get() : request.getAuthor();
    var empty = RollbackProcedureCodeResponse.getDefaultInstance();
    return answeredRequests
        .find(request.getRequestId(), request, empty)
        .orElseGet(() -> {
          int target = judgedTarget(request);
          return answeredRequests.answer(
              request.getRequestId(),
              request,
              empty,
              handle -> rollback(handle, request, target, author));
        });
  }

  /** The number of the version to go back to, whose code may be saved now. */
  private int judgedTarget(RollbackProcedureCodeRequest request) {
    long id = request.getProcedureId();
    CodeVersion target =
        jdbi.withHandle(
            handle -> find(handle, id, request.getTargetVersion(), newest(handle, id), true));
    if (!target.getDraft()) {
      judge.judgeAgain(id, target.getCode());
    }
    return target.getVersion();
  }

  private RollbackProcedureCodeResponse rollback(
      Handle handle, RollbackProcedureCodeRequest request, int number, String author) {
    Procedure procedure = VersionWriter.lock(handle, request.getProcedureId());
    Etags.require(request.getEtag(), procedure);
    // What was judged, even if the name that the request gives is another version's by now.
    CodeVersion target = find(handle, procedure, "v" + number);
    CodeVersion current = current(handle, procedure).orElseThrow();
    if (current.getSha256().equals(target.getSha256())) {
      return RollbackProcedureCodeResponse.newBuilder()
          .setVersion(current)
          .setEtag(procedure.getEtag())
          .build();
    }
    VersionWriter.Added added =
        VersionWriter.restore(
            handle, procedure, target, author, request.getReason(), Times.now(clock));
    Verdicts.copyReport(handle, target, added.version());
    return RollbackProcedureCodeResponse.newBuilder()
        .setVersion(added.version())
        .setCreated(true)
        .setEtag(added.etag())
        .build();
  }

  private static Optional<CodeVersion> current(Handle handle, Procedure procedure) {
    return handle
        .attach(CodeDao.class)
        .find(procedure.getProcedureId(), procedure.getCurrentVersion(), false);
  }

  /**
   * The version that a caller names, without its code.
   *
   * @throws NotFoundException if there is no such version
   */
  static CodeVersion find(Handle handle, Procedure procedure, String version) {
    return find(handle, procedure.getProcedureId(), version, procedure.getCurrentVersion(), false);
  }

  private static CodeVersion find(
      Handle handle, long procedureId, String version, int newest, boolean withCode) {
    int number = VersionNames.number(handle, procedureId, version, newest);
    return handle
        .attach(CodeDao.class)
        .find(procedureId, number, withCode)
        .orElseThrow(() -> MissingVersions.of(procedureId, version, newest));
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
    return jdbi.withHandle(handle ->
        number(request.getVersion())
            .flatMap(number -> handle.attach(CodeDao.class).find(id, number, true))
            .orElseGet(() -> find(handle, id, request.getVersion(), newest(handle, id), true)));
  }

  /** The number that surely is meant, 0 for the current one; then one statement is enough. */
  private static Optional<Integer> number(String version) {
    return switch (VersionSpec.parse(version)) {
      case VersionSpec.Current() -> Optional.of(0);
      case VersionSpec.Numbered(int given) -> Optional.of(given);
      case VersionSpec.Named _ -> Optional.empty();
    };
  }

  /** Gives what was found in a version's code when it was saved; empty if nothing was stored. */
  public Optional<ValidationReport> findings(CodeVersion version) {
    return jdbi.withHandle(
        handle -> Verdicts.report(handle, version.getProcedureId(), version.getVersion()));
  }

  /**
   * Compares two versions.
   *
   * @throws InvalidArgumentException if the request breaks a rule
   * @throws NotFoundException if there is no such procedure or version
   */
  public DiffProcedureVersionsResponse diff(DiffProcedureVersionsRequest request) {
    var violations = new Violations();
    Procedures.checkId(violations, "procedure_id", request.getProcedureId());
    int context = request.hasContextLines() ? request.getContextLines() : DEFAULT_CONTEXT;
    violations.check(
        context >= 0 && context <= MOST_CONTEXT,
        "context_lines",
        "must be within 0 to " + MOST_CONTEXT);
    violations.throwIfAny();
    DiffProcedureVersionsResponse.Builder response = DiffProcedureVersionsResponse.newBuilder();
    jdbi.useHandle(handle -> {
      long id = request.getProcedureId();
      int newest = newest(handle, id);
      CodeVersion to = find(handle, id, request.getToVersion(), newest, true);
      response.setToVersion(to);
      if (!request.getFromVersion().isEmpty() || to.getVersion() > 1) {
        String from =
            request.getFromVersion().isEmpty()
                ? "v" + (to.getVersion() - 1)
                : request.getFromVersion();
        response.setFromVersion(find(handle, id, from, newest, true));
      }
    });
    // Without holding a connection: this is the part that takes time.
    CodeDiff diff =
        CodeDiff.of(
            response.hasFromVersion(),
            response.getFromVersion().getCode(),
            response.getToVersion().getCode(),
            context);
    response.getToVersionBuilder().clearCode();
    if (response.hasFromVersion()) {
      response.getFromVersionBuilder().clearCode();
    }
    return response
        .setDiff(diff.text())
        .setLinesAdded(diff.added())
        .setLinesRemoved(diff.removed())
        .build();
  }

  /** Removes the history of a procedure that the transaction has locked. */
  public static void remove(Handle handle, Procedure procedure) {
    VersionWriter.remove(handle, procedure);
  }

  /** The number of the newest version, 0 if there is no code. */
  private static int newest(Handle handle, long procedureId) {
    return handle
        .attach(CodeDao.class)
        .currentVersion(procedureId)
        .orElseThrow(() -> MissingProcedures.byId(handle, procedureId));
  }
}
