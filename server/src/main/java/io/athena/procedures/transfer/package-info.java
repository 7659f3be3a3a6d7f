/** Moves libraries of procedures in and out. */
@NullMarked
package io.athena.procedures.transfer;

import org.jspecify.annotations.NullMarked;
