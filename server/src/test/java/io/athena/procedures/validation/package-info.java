/** Tests of the validation of code. */
@NullMarked
package io.athena.procedures.validation;

import org.jspecify.annotations.NullMarked;
