/**
 * The whole service as its users start it: a server in a process of its own, its containers and its
 * database.
 */
@NullMarked
package io.athena.procedures.system;

import org.jspecify.annotations.NullMarked;
