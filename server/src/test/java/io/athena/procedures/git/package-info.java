@NullMarked
package io.athena.procedures.git;

import org.jspecify.annotations.NullMarked;
