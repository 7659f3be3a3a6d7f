/**
 * The command line of the procedure service.
 *
 * <p>One class for each command; {@link io.athena.procedures.cli.Athena} holds what they share.
 * What the program of a run writes goes to standard output and standard error byte for byte;
 * everything the command line itself says about a run goes to standard error.
 */
@NullMarked
package io.athena.procedures.cli;

import org.jspecify.annotations.NullMarked;
