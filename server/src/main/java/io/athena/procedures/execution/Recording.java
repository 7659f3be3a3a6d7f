package io.athena.procedures.execution;

import io.athena.procedures.db.DatabaseFailures;
import io.athena.procedures.error.NotFoundException;
import io.athena.procedures.error.UnavailableException;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The row of an admitted run, which is written by whoever asks for it first: so the thread that has
 * just had the program started writes it meanwhile. Thread-safe.
 */
final class Recording {
  private static final Logger log = LoggerFactory.getLogger(Recording.class);

  private final Admission admission;
  private final Writer writer;
  private boolean asked;
  private boolean recorded;

  /** Writes the row; false if its request_id is taken. */
  @FunctionalInterface
  interface Writer {
    boolean write() throws ExecutionException, InterruptedException;
  }

  Recording(Admission admission, Writer writer) {
    this.admission = admission;
    this.writer = writer;
  }

  /** Of a run whose row is there already. */
  static Recording done(Admission admission) {
    return new Recording(admission, () -> true);
  }

  Admission admission() {
    return admission;
  }

  /**
   * Has the row committed, if it is not yet; false if another call with its request_id was faster.
   *
   * @throws io.athena.procedures.error.ServiceException if it could not be written: then the run
   *     must not go on
   */
  synchronized boolean commit() throws InterruptedException {
    if (!asked) {
      recorded = write();
      asked = true;
    }
    return recorded;
  }

  private boolean write() throws InterruptedException {
    try {
      return writer.write();
    } catch (ExecutionException failed) {
      Throwable cause = failed.getCause() == null ? failed : failed.getCause();
      if (DatabaseFailures.isMissingReference(cause)) {
        throw new NotFoundException(
            "PROCEDURE_NOT_FOUND",
            "procedure " + admission.procedureId() + " was removed just now",
            Map.of("procedure_id", Long.toString(admission.procedureId())));
      }
      UnavailableException unavailable =
          DatabaseFailures.toUnavailable(cause)
              .orElseGet(() ->
                  new UnavailableException(
                      "EXECUTION_NOT_RECORDED",
                      "the run could not be recorded and was not begun; repeat the call",
                      Map.of()));
      log.error("execution {} could not be recorded", admission.executionId(), cause);
      throw unavailable;
    }
  }
}
