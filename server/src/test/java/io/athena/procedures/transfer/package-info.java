@NullMarked
package io.athena.procedures.transfer;

import org.jspecify.annotations.NullMarked;
