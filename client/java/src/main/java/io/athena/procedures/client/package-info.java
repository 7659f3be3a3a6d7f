/**
 * Blocking client of the procedure service.
 *
 * <p>Start at {@link io.athena.procedures.client.AthenaClient}. Requests and answers are the
 * messages of {@code athena.procedures.v1}; every failure of a call is an {@link
 * io.athena.procedures.client.AthenaException}.
 */
@NullMarked
package io.athena.procedures.client;

import org.jspecify.annotations.NullMarked;
