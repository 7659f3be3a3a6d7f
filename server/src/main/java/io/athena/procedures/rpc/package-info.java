/**
 * The edge: what carries calls (Helidon or Netty), what guards them, the one table that turns
 * exceptions into gRPC status, health, metrics and reflection. Knows no feature.
 */
@NullMarked
package io.athena.procedures.rpc;

import org.jspecify.annotations.NullMarked;
