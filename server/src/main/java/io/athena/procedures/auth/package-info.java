/** Who calls: bearer tokens, and the authenticated principal in the call's Context. */
@NullMarked
package io.athena.procedures.auth;

import org.jspecify.annotations.NullMarked;
