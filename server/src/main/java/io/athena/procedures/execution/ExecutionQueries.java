package io.athena.procedures.execution;

import io.athena.procedures.error.NotFoundException;
import io.athena.procedures.error.Violations;
import io.athena.procedures.v1.Execution;
import io.athena.procedures.v1.ExecutionState;
import io.athena.procedures.v1.ListExecutionsRequest;
import io.athena.procedures.v1.ListExecutionsResponse;
import io.athena.procedures.v1.Outcome;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jdbi.v3.core.Jdbi;

/** Looks at executions. Thread-safe. */
final class ExecutionQueries {
  private static final int STANDARD_PAGE = 50;
  private static final int LARGEST_PAGE = 1_000;

  private final ExecutionDao dao;

  ExecutionQueries(Jdbi jdbi) {
    this.dao = jdbi.onDemand(ExecutionDao.class);
  }

  /**
   * @throws NotFoundException if there is none
   */
  Execution get(UUID executionId) {
    Execution execution = dao.find(executionId);
    if (execution == null) {
      throw EventStore.missing(executionId);
    }
    return execution;
  }

  ListExecutionsResponse list(ListExecutionsRequest request) {
    Violations violations = new Violations();
    violations.check(request.getPageSize() >= 0, "page_size", "must not be negative");
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
    UUID before = PageToken.before(request);
    String state =
        request.getState() == ExecutionState.EXECUTION_STATE_UNSPECIFIED
            ? ""
            : Names.of(request.getState());
    String outcome =
        request.getOutcome() == Outcome.OUTCOME_UNSPECIFIED ? "" : Names.of(request.getOutcome());
    int size =
        request.getPageSize() == 0 ? STANDARD_PAGE : Math.min(request.getPageSize(), LARGEST_PAGE);
    List<Execution> executions =
        request.getProcedureId() > 0
            ? ofProcedure(request.getProcedureId(), before, state, outcome, size + 1)
            : dao.ofProject(
                request.getProject().isEmpty() ? "default" : request.getProject(),
                before,
                state,
                outcome,
                size + 1);
    ListExecutionsResponse.Builder response = ListExecutionsResponse.newBuilder();
    if (executions.size() <= size) {
      return response.addAllExecutions(executions).build();
    }
    List<Execution> page = executions.subList(0, size);
    return response
        .addAllExecutions(page)
        .setNextPageToken(PageToken.after(page.getLast().getExecutionId(), request))
        .build();
  }

  private List<Execution> ofProcedure(
      long procedureId, UUID before, String state, String outcome, int most) {
    List<Execution> executions = dao.ofProcedure(procedureId, before, state, outcome, most);
    if (executions.isEmpty() && !dao.procedureExists(procedureId)) {
      throw new NotFoundException(
          "PROCEDURE_NOT_FOUND",
          "there is no procedure " + procedureId,
          Map.of("procedure_id", Long.toString(procedureId)));
    }
    return executions;
  }
}
