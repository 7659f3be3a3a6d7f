package io.athena.procedures.procedure;

import io.athena.procedures.v1.Procedure;
import org.jdbi.v3.core.Handle;

/** What belongs to procedures and does not go with their rows by itself. */
@FunctionalInterface
public interface Belongings {
  /** Removes what belongs to a procedure that the transaction has locked and is about to remove. */
  void remove(Handle handle, Procedure procedure);
}
