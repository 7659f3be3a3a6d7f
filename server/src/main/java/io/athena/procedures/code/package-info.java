/** The code of procedures, in versions that never change. */
@NullMarked
package io.athena.procedures.code;

import org.jspecify.annotations.NullMarked;
