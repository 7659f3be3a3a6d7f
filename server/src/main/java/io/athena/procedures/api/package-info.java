/** The public ProcedureService: hands each call to the feature that does it. */
@NullMarked
package io.athena.procedures.api;

import org.jspecify.annotations.NullMarked;
