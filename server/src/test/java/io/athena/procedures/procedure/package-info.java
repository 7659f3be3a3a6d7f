@NullMarked
package io.athena.procedures.procedure;

import org.jspecify.annotations.NullMarked;
