package io.athena.procedures.rpc;

/**
 * What a transport leaves to the guards.
 *
 * @param encodesStatus status messages must be made harmless before they are written
 * @param readsTimeout {@code grpc-timeout} must be read from the headers
 * @param parksHandler the thread of the half-close must stay until the call has closed
 * @param defersClose a call must not be closed before its listener is known
 * @param waitsUntilReady writing must wait for the reader here, since the transport would buffer
 */
record Traits(
    boolean encodesStatus,
    boolean readsTimeout,
    boolean parksHandler,
    boolean defersClose,
    boolean waitsUntilReady) {
  static final Traits HELIDON = new Traits(true, true, true, true, false);
  static final Traits NETTY = new Traits(false, false, false, false, true);
}
