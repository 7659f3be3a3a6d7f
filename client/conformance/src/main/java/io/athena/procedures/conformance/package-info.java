/**
 * Lets the client of each language play the scenarios of {@code client/conformance} against one
 * server.
 */
@NullMarked
package io.athena.procedures.conformance;

import org.jspecify.annotations.NullMarked;
