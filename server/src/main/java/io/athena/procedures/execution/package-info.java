/**
 * Runs of procedures, from admission to outcome.
 *
 * <p>A run is admitted when its row is committed, is pumped from a sandbox worker into its {@link
 * io.athena.procedures.execution.RunLog}, and has ended when its outcome is committed. Callers and
 * watchers read the log; none of them touches the run.
 */
@NullMarked
package io.athena.procedures.execution;

import org.jspecify.annotations.NullMarked;
