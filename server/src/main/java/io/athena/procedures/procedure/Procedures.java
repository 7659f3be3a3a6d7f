package io.athena.procedures.procedure;

import io.athena.procedures.db.AnsweredRequests;
import io.athena.procedures.db.DaoInterfaces;
import io.athena.procedures.db.DatabaseFailures;
import io.athena.procedures.db.Paging;
import io.athena.procedures.db.Times;
import io.athena.procedures.error.AlreadyExistsException;
import io.athena.procedures.error.FailedPreconditionException;
import io.athena.procedures.error.InvalidArgumentException;
import io.athena.procedures.error.NotFoundException;
import io.athena.procedures.error.Violations;
import io.athena.procedures.v1.ForgetProcedureRequest;
import io.athena.procedures.v1.GetProcedureRequest;
import io.athena.procedures.v1.ListProceduresRequest;
import io.athena.procedures.v1.Procedure;
import io.athena.procedures.v1.RememberProcedureRequest;
import io.athena.procedures.v1.RememberProcedureResponse;
import io.athena.procedures.v1.SearchProceduresByConfidenceRequest;
import io.athena.procedures.v1.Step;
import io.athena.procedures.v1.UpdateProcedureRequest;
import io.athena.procedures.v1.UpdateProcedureResponse;
import java.time.Clock;
import java.util.Map;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.statement.UnableToExecuteStatementException;

/** Keeps procedures. Thread-safe. Requests are checked here, and told all that is wrong at once. */
public final class Procedures {
  /** More than this makes a text too large for PostgreSQL's full-text search. */
  private static final int MOST_SEARCHED_CHARS = 100_000;

  private final Jdbi jdbi;
  private final Clock clock;
  private final AnsweredRequests answeredRequests;
  private final RunningExecutions runningExecutions;
  private final Belongings belongings;

  /** On a database with the server's schema. */
  public Procedures(
      Jdbi jdbi,
      Clock clock,
      AnsweredRequests answeredRequests,
      RunningExecutions runningExecutions,
      Belongings belongings) {
    this.jdbi = jdbi;
    this.clock = clock;
    this.answeredRequests = answeredRequests;
    this.runningExecutions = runningExecutions;
    this.belongings = belongings;
    DaoInterfaces.examine(jdbi, ProcedureDao.class);
  }

  /**
   * Stores a new procedure.
   *
   * @throws InvalidArgumentException if it breaks a rule of {@link Procedure}
   * @throws AlreadyExistsException if its project has one of that name
   */
  public Procedure remember(RememberProcedureRequest request) {
    var violations = new Violations();
    TextRules.checkRequestId(violations, request.getRequestId());
    ProcedureRules.check(violations, "procedure", request.getProcedure());
    violations.throwIfAny();
    return answeredRequests
        .answer(
            request.getRequestId(),
            request,
            RememberProcedureResponse.getDefaultInstance(),
            handle ->
                RememberProcedureResponse.newBuilder()
                    .setProcedure(insert(handle, request.getProcedure()))
                    .build())
        .getProcedure();
  }

  /**
   * What became of a definition that was put in place.
   *
   * @param isNew true if there was none of its name
   * @param isChanged true if anything was written
   */
  public record Placed(long procedureId, boolean isNew, boolean isChanged) {}

  /**
   * Sees that a project has a procedure just as it is defined.
   *
   * @param replace true if it may take the place of another definition of its name
   * @throws InvalidArgumentException if it breaks a rule of {@link Procedure}
   * @throws AlreadyExistsException if there is another definition, which may not be replaced
   */
  public Placed put(Handle handle, Procedure procedure, boolean replace) {
    var violations = new Violations();
    ProcedureRules.check(violations, "procedure", procedure);
    violations.throwIfAny();
    String project = projectOrDefault(procedure.getProject());
    Optional<Procedure> found =
        handle.attach(ProcedureDao.class).findByName(project, procedure.getName());
    if (found.isEmpty()) {
      return new Placed(insert(handle, procedure).getProcedureId(), true, true);
    }
    Procedure stored = lock(handle, found.get().getProcedureId());
    ProcedureChange change = ProcedureChange.ofAll(procedure);
    Procedure wanted =
        procedure.toBuilder()
            .setProcedureId(stored.getProcedureId())
            .clearEtag()
            .clearProject()
            .clearCreatedBy()
            .build();
    if (change.changes(stored) && !replace) {
      throw nameTaken(project, procedure.getName());
    }
    Procedure now = update(handle, wanted, change);
    return new Placed(stored.getProcedureId(), false, !now.getEtag().equals(stored.getEtag()));
  }

  private Procedure insert(Handle handle, Procedure procedure) {
    ProcedureDao dao = handle.attach(ProcedureDao.class);
    String project = projectOrDefault(procedure.getProject());
    long id =
        dao.insert(
                project,
                procedure.getName(),
                procedure.getCategory(),
                procedure.getDescription(),
                Definitions.toJson(procedure),
                searchedText(procedure),
                procedure.getCreatedBy(),
                Times.now(clock))
            .orElseThrow(() -> nameTaken(project, procedure.getName()));
    return get(handle, id);
  }

  /**
   * Gives a procedure by id or by name.
   *
   * @throws NotFoundException if there is none; the message names what is near
   */
  public Procedure get(GetProcedureRequest request) {
    var violations = new Violations();
    switch (request.getKeyCase()) {
      case PROCEDURE_ID -> checkId(violations, "procedure_id", request.getProcedureId());
      case NAME -> {
        TextRules.checkRequired(violations, "name", request.getName(), 200);
        ProcedureRules.checkProject(violations, "project", request.getProject());
      }
      case KEY_NOT_SET -> violations.check(false, "key", "give procedure_id or name");
    }
    violations.throwIfAny();
    if (request.hasProcedureId()) {
      return get(request.getProcedureId());
    }
    String project = projectOrDefault(request.getProject());
    return jdbi.withExtension(
        ProcedureDao.class,
        dao ->
            dao.findByName(project, request.getName())
                .orElseThrow(() -> MissingProcedures.byName(dao, project, request.getName())));
  }

  /**
   * Gives a procedure by id.
   *
   * @throws NotFoundException if there is none; the message names what is near
   */
  public Procedure get(long procedureId) {
    return jdbi.withHandle(handle -> get(handle, procedureId));
  }

  /** The same, in a transaction of the caller's. */
  public static Procedure get(Handle handle, long procedureId) {
    return handle
        .attach(ProcedureDao.class)
        .find(procedureId)
        .orElseThrow(() -> MissingProcedures.byId(handle, procedureId));
  }

  /**
   * Gives a procedure as it is, and keeps everyone else from changing or removing it until the
   * transaction ends.
   *
   * @throws NotFoundException if there is none; the message names what is near
   */
  public static Procedure lock(Handle handle, long procedureId) {
    // Apart from reading, which then sees what was committed while it waited for the lock.
    if (handle.attach(ProcedureDao.class).lock(procedureId).isEmpty()) {
      throw MissingProcedures.byId(handle, procedureId);
    }
    return get(handle, procedureId);
  }

  /** Gives a page of procedures by id. */
  public Paging.Page<Procedure> list(ListProceduresRequest request) {
    var violations = new Violations();
    ProcedureRules.checkProject(violations, "project", request.getProject());
    TextRules.check(violations, "category", request.getCategory(), 100);
    Paging paging = Paging.of(request, violations);
    violations.throwIfAny();
    long after = paging.after().map(Long::parseLong).orElse(0L);
    return paging.page(
        jdbi.withExtension(
            ProcedureDao.class,
            dao ->
                dao.list(
                    projectOrDefault(request.getProject()),
                    request.getCategory(),
                    after,
                    paging.rowsToRead())),
        procedure -> Long.toString(procedure.getProcedureId()));
  }

  /** Gives a page of procedures that have code, those with the highest confidence first. */
  public Paging.Page<Procedure> searchByConfidence(SearchProceduresByConfidenceRequest request) {
    var violations = new Violations();
    double least = request.getMinConfidence();
    violations.check(least >= 0 && least <= 1, "min_confidence", "must be within 0.0 to 1.0");
    ProcedureRules.checkProject(violations, "project", request.getProject());
    Paging paging = Paging.of(request, violations);
    violations.throwIfAny();
    ConfidencePosition after =
        paging.after().map(ConfidencePosition::parse).orElse(ConfidencePosition.BEFORE_ALL);
    return paging.page(
        jdbi.withExtension(
            ProcedureDao.class,
            dao ->
                dao.listByConfidence(
                    projectOrDefault(request.getProject()),
                    least,
                    after.confidence(),
                    after.procedureId(),
                    paging.rowsToRead())),
        procedure -> ConfidencePosition.of(procedure).toString());
  }

  /**
   * Changes the fields that the request's mask names.
   *
   * @throws AlreadyExistsException if the new name is taken
   */
  public Procedure update(UpdateProcedureRequest request) {
    var violations = new Violations();
    TextRules.checkRequestId(violations, request.getRequestId());
    checkId(violations, "procedure.procedure_id", request.getProcedure().getProcedureId());
    ProcedureChange change = ProcedureChange.of(request, violations);
    violations.throwIfAny();
    return answeredRequests
        .answer(
            request.getRequestId(),
            request,
            UpdateProcedureResponse.getDefaultInstance(),
            handle ->
                UpdateProcedureResponse.newBuilder()
                    .setProcedure(update(handle, request.getProcedure(), change))
                    .build())
        .getProcedure();
  }

  private Procedure update(Handle handle, Procedure wanted, ProcedureChange change) {
    Procedure stored = lock(handle, wanted.getProcedureId());
    Etags.require(wanted.getEtag(), stored);
    var violations = new Violations();
    Procedure changed = change.applyTo(stored, violations);
    ProcedureRules.check(violations, "procedure", changed);
    violations.throwIfAny();
    if (changed.equals(stored)) {
      return stored;
    }
    try {
      handle
          .attach(ProcedureDao.class)
          .update(
              stored.getProcedureId(),
              changed.getName(),
              changed.getCategory(),
              changed.getDescription(),
              Definitions.toJson(changed),
              searchedText(changed),
              Times.now(clock));
    } catch (UnableToExecuteStatementException e) {
      if (DatabaseFailures.isDuplicate(e)) {
        throw nameTaken(stored.getProject(), changed.getName());
      }
      throw e;
    }
    return get(handle, stored.getProcedureId());
  }

  /**
   * Removes a procedure with everything that belongs to it.
   *
   * @throws FailedPreconditionException while executions of it are queued or running
   */
  public void forget(ForgetProcedureRequest request) {
    var violations = new Violations();
    checkId(violations, "procedure_id", request.getProcedureId());
    violations.throwIfAny();
    jdbi.useTransaction(handle -> {
      if (handle.attach(ProcedureDao.class).lockToRemove(request.getProcedureId()).isEmpty()) {
        throw MissingProcedures.byId(handle, request.getProcedureId());
      }
      Procedure stored = get(handle, request.getProcedureId());
      Etags.require(request.getEtag(), stored);
      if (runningExecutions.exist(handle, stored.getProcedureId())) {
        throw new FailedPreconditionException(
            "PROCEDURE_RUNNING",
            "procedure %d has executions under way; wait for them or cancel them, then repeat the call"
                .formatted(stored.getProcedureId()),
            Map.of("procedure_id", Long.toString(stored.getProcedureId())));
      }
      belongings.remove(handle, stored);
      handle.attach(ProcedureDao.class).delete(stored.getProcedureId());
    });
  }

  /** Notes if an id cannot be that of any procedure. */
  public static void checkId(Violations violations, String field, long procedureId) {
    violations.check(
        procedureId >= 1, field, "must be the id of a procedure, from 1; it is " + procedureId);
  }

  private static String projectOrDefault(String project) {
    return project.isEmpty() ? ProcedureRules.DEFAULT_PROJECT : project;
  }

  private static AlreadyExistsException nameTaken(String project, String name) {
    return new AlreadyExistsException(
        "PROCEDURE_ALREADY_EXISTS",
        "project %s has a procedure named %s already; choose another name or update that one"
            .formatted(TextRules.quote(project), TextRules.quote(name)),
        Map.of("project", project));
  }

  private static String searchedText(Procedure procedure) {
    var text = new StringBuilder();
    for (Step step : procedure.getStepsList()) {
      text.append(step.getDescription()).append('\n');
      if (text.length() > MOST_SEARCHED_CHARS) {
        int end = MOST_SEARCHED_CHARS;
        text.setLength(Character.isHighSurrogate(text.charAt(end - 1)) ? end - 1 : end);
        break;
      }
    }
    return text.toString();
  }
}
