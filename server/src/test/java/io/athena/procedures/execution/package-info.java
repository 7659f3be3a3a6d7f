/** Tests of executions, against a real PostgreSQL. */
@NullMarked
package io.athena.procedures.execution;

import org.jspecify.annotations.NullMarked;
