/** Repositories over git's smart HTTP protocol, for reading by any git client. */
@NullMarked
package io.athena.procedures.git.http;

import org.jspecify.annotations.NullMarked;
