/** Tests of generation. */
@NullMarked
package io.athena.procedures.generation;

import org.jspecify.annotations.NullMarked;
