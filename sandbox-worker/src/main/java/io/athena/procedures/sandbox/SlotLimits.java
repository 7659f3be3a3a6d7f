package io.athena.procedures.sandbox;

import java.nio.ByteBuffer;

/**
 * Limits that a slot has from its beginning, because setting them takes privileges that it gives up
 * before it waits for a program.
 *
 * @param memoryBytes memory of all processes together, workspace and /tmp included
 * @param processes processes and threads at a time
 * @param diskBytes bytes in the workspace and in /tmp, each
 */
record SlotLimits(long memoryBytes, int processes, long diskBytes) {
  /** As {@code frames.py} reads it. */
  byte[] frame() {
    return ByteBuffer.allocate(3 * Long.BYTES)
        .putLong(memoryBytes)
        .putLong(processes)
        .putLong(diskBytes)
        .array();
  }
}
