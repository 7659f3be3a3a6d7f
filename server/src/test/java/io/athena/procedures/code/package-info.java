@NullMarked
package io.athena.procedures.code;

import org.jspecify.annotations.NullMarked;
