package io.athena.procedures.execution;

import io.athena.procedures.db.DatabaseFailures;
import io.athena.procedures.error.NotFoundException;
import io.athena.procedures.error.ServiceException;
import io.athena.procedures.error.UnavailableException;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Puts an admitted run on record: while it is under way, or together with its end. Until then
 * nobody may hear of it. For one thread at a time.
 */
final class Recording {
  private static final Logger log = LoggerFactory.getLogger(Recording.class);

  private final Admission admission;
  private final @Nullable Writer writer;
  private boolean done;

  /** Writes the row of one run. */
  interface Writer {
    /** Of a run that is under way; false if its request_id is taken. */
    boolean begin() throws ExecutionException, InterruptedException;

    /**
     * Of a run that has ended, and what else is recorded then; gives what was recorded, null if the
     * request_id is taken.
     */
    @Nullable Completion beginAndEnd(Completion completion)
        throws ExecutionException, InterruptedException;

    /** Nothing more will be written; may come more than once. */
    void over();
  }

  /** Of a run that has no row yet. */
  Recording(Admission admission, Writer writer) {
    this.admission = admission;
    this.writer = writer;
  }

  private Recording(Admission admission) {
    this.admission = admission;
    this.writer = null;
    this.done = true;
  }

  /** Of a run whose row is there already. */
  static Recording done(Admission admission) {
    return new Recording(admission);
  }

  Admission admission() {
    return admission;
  }

  /** True if the run is on record. */
  boolean isDone() {
    return done;
  }

  /**
   * Commits that the run is under way, if that is not on record yet; false if another call with its
   * request_id was faster.
   *
   * @throws ServiceException if it could not be written: then the run must not go on
   */
  boolean begin() throws InterruptedException {
    if (writer != null && !done) {
      try {
        done = writer.begin();
      } catch (ExecutionException failed) {
        throw refusal(failed);
      }
    }
    return done;
  }

  /**
   * Commits that the run was begun and how it ended, both at once; gives what was recorded, null if
   * another call with its request_id was faster.
   *
   * @throws ServiceException if it could not be written: then what the run did counts for nothing
   */
  @Nullable Completion beginAndEnd(Completion completion) throws InterruptedException {
    if (writer == null || done) {
      throw new IllegalStateException("execution " + completion.executionId() + " has its row");
    }
    try {
      Completion recorded = writer.beginAndEnd(completion);
      done = recorded != null;
      return recorded;
    } catch (ExecutionException failed) {
      throw refusal(failed);
    }
  }

  /** The run is over, on record or not. */
  void close() {
    if (writer != null) {
      writer.over();
    }
  }

  private ServiceException refusal(ExecutionException failed) {
    Throwable cause = failed.getCause() == null ? failed : failed.getCause();
    if (DatabaseFailures.isMissingReference(cause)) {
      return new NotFoundException(
          "PROCEDURE_NOT_FOUND",
          "procedure " + admission.procedureId() + " was removed just now",
          Map.of("procedure_id", Long.toString(admission.procedureId())));
    }
    log.error("execution {} could not be recorded", admission.executionId(), cause);
    return DatabaseFailures.toUnavailable(cause)
        .orElseGet(() ->
            new UnavailableException(
                "EXECUTION_NOT_RECORDED",
                "the run could not be recorded and counts for nothing; repeat the call",
                Map.of()));
  }
}
