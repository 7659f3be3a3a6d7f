/** Says what a machine has and what it lacks to run the server. */
@NullMarked
package io.athena.procedures.doctor;

import org.jspecify.annotations.NullMarked;
