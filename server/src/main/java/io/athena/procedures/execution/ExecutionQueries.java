package io.athena.procedures.execution;

import io.athena.procedures.db.Paging;
import io.athena.procedures.error.NotFoundException;
import io.athena.procedures.error.Violations;
import io.athena.procedures.procedure.MissingProcedures;
import io.athena.procedures.v1.DownloadArtifactRequest;
import io.athena.procedures.v1.DownloadArtifactResponse;
import io.athena.procedures.v1.Execution;
import io.athena.procedures.v1.ExecutionState;
import io.athena.procedures.v1.ListExecutionsRequest;
import io.athena.procedures.v1.ListExecutionsResponse;
import io.athena.procedures.v1.Outcome;
import java.util.List;
import java.util.UUID;
import java.util.function.Consumer;
import org.jdbi.v3.core.Jdbi;

/** Looks at executions. Thread-safe. */
final class ExecutionQueries {
  private static final UUID BEYOND_ALL = new UUID(-1L, -1L);

  private final Jdbi jdbi;
  private final ExecutionDao dao;
  private final Artifacts artifacts;

  ExecutionQueries(Jdbi jdbi) {
    this.jdbi = jdbi;
    this.dao = jdbi.onDemand(ExecutionDao.class);
    this.artifacts = new Artifacts(jdbi);
  }

  /**
   * @throws NotFoundException if there is none
   */
  Execution get(UUID executionId) {
    Execution execution = dao.find(executionId);
    if (execution == null) {
      throw EventStore.missing(executionId);
    }
    return execution.getState() == ExecutionState.EXECUTION_STATE_QUEUED
        ? execution
        : execution.toBuilder().addAllArtifacts(artifacts.list(executionId)).build();
  }

  /**
   * Gives an artifact piece by piece.
   *
   * @throws NotFoundException if there is no such execution or artifact
   */
  void download(DownloadArtifactRequest request, Consumer<DownloadArtifactResponse> receiver) {
    artifacts.download(request, receiver);
  }

  ListExecutionsResponse list(ListExecutionsRequest request) {
    Violations violations = new Violations();
    Paging paging = Paging.of(request, violations);
    violations.check(request.getProcedureId() >= 0, "procedure_id", "must not be negative");
    violations.check(
        request.getState() != ExecutionState.UNRECOGNIZED,
        "state",
        "is unknown: " + request.getStateValue());
    violations.check(
        request.getOutcome() != Outcome.UNRECOGNIZED,
        "outcome",
        "is unknown: " + request.getOutcomeValue());
    violations.throwIfAny();
    UUID before = paging.after().map(UUID::fromString).orElse(BEYOND_ALL);
    String state =
        request.getState() == ExecutionState.EXECUTION_STATE_UNSPECIFIED
            ? ""
            : Names.of(request.getState());
    String outcome =
        request.getOutcome() == Outcome.OUTCOME_UNSPECIFIED ? "" : Names.of(request.getOutcome());
    List<Execution> executions =
        request.getProcedureId() > 0
            ? ofProcedure(request.getProcedureId(), before, state, outcome, paging.rowsToRead())
            : dao.ofProject(
                request.getProject().isEmpty() ? "default" : request.getProject(),
                before,
                state,
                outcome,
                paging.rowsToRead());
    Paging.Page<Execution> page = paging.page(executions, Execution::getExecutionId);
    return ListExecutionsResponse.newBuilder()
        .addAllExecutions(page.rows())
        .setNextPageToken(page.nextPageToken())
        .build();
  }

  private List<Execution> ofProcedure(
      long procedureId, UUID before, String state, String outcome, int most) {
    List<Execution> executions = dao.ofProcedure(procedureId, before, state, outcome, most);
    if (executions.isEmpty() && !dao.procedureExists(procedureId)) {
      throw jdbi.withHandle(handle -> MissingProcedures.byId(handle, procedureId));
    }
    return executions;
  }
}
