/**
 * The store: an embedded PostgreSQL that this program starts and stops, or one given by its JDBC
 * URL, with its schema and its pool of connections.
 *
 * <p>The embedded one runs published program files of PostgreSQL, but not by the library they are
 * published for: that library is made for tests, so it turns {@code fsync} off, lets every local
 * user in without a password, and leaves the database running when the program is killed.
 */
@NullMarked
package io.athena.procedures.db;

import org.jspecify.annotations.NullMarked;
