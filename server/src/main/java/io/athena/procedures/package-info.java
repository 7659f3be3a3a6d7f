/** The program: wiring of all features. */
@NullMarked
package io.athena.procedures;

import org.jspecify.annotations.NullMarked;
