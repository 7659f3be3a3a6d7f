/** Procedures: what is to be done, in words, and how to find it again. */
@NullMarked
package io.athena.procedures.procedure;

import org.jspecify.annotations.NullMarked;
