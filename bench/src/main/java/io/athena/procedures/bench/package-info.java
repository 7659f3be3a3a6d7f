/**
 * The benchmark: how fast a procedure runs, beside what the same program costs without the service,
 * in the same run.
 */
@NullMarked
package io.athena.procedures.bench;

import org.jspecify.annotations.NullMarked;
