/**
 * What stops a call: domain exceptions, each with a stable reason. Features throw them; {@code rpc}
 * maps them to gRPC status in one table.
 */
@NullMarked
package io.athena.procedures.error;

import org.jspecify.annotations.NullMarked;
