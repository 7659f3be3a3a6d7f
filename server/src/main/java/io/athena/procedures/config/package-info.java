/**
 * Settings: defaults, overridden by a file, overridden by the environment, overridden by flags, as
 * immutable records.
 */
@NullMarked
package io.athena.procedures.config;

import org.jspecify.annotations.NullMarked;
