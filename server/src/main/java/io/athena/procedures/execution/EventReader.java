package io.athena.procedures.execution;

import io.athena.procedures.v1.ExecutionEvent;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Reads the events of one execution in order, to its end. For one thread. */
sealed interface EventReader permits LiveReader, StoredReader {
  /**
   * The next event; null if none came within {@code patience}. After Completed it must not be
   * called again.
   *
   * @throws io.athena.procedures.error.ServiceException if the run was not admitted after all
   */
  @Nullable ExecutionEvent next(Duration patience) throws InterruptedException;

  /** True if all was read; then {@link #next} gives nothing more. */
  boolean ended();
}
