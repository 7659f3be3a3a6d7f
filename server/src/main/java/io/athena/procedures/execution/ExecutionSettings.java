package io.athena.procedures.execution;

import com.google.protobuf.util.Durations;
import io.athena.procedures.v1.ExecutionLimits;
import java.time.Duration;

/**
 * What an installation can set about executions.
 *
 * @param defaultLimits limits of a run that asks for none; every field set
 * @param maximumLimits the most a run can ask for; every field set
 * @param heartbeat silence after which a stream carries a Heartbeat
 * @param storedOutputBytes bytes of events kept for each run; the live stream carries all
 * @param storedEvents events kept for each run
 * @param flushInterval how long an event of a running program may be only in memory
 * @param queuedRuns submitted executions that one server runs at a time
 * @param instanceHeartbeat how often a server says that it lives
 * @param deadAfter silence after which a server counts as dead and its runs as lost
 * @param soleServer true if no other server can be using the database, so that all runs found at
 *     start are lost ones
 * @param keepFor age at which finished executions are removed; zero keeps them
 */
public record ExecutionSettings(
    ExecutionLimits defaultLimits,
    ExecutionLimits maximumLimits,
    Duration heartbeat,
    long storedOutputBytes,
    int storedEvents,
    Duration flushInterval,
    int queuedRuns,
    Duration instanceHeartbeat,
    Duration deadAfter,
    boolean soleServer,
    Duration keepFor) {

  private static final long MIB = 1024 * 1024;

  /** What holds where nothing is configured, for a server that has its database to itself. */
  public static ExecutionSettings defaults() {
    return new ExecutionSettings(
        ExecutionLimits.newBuilder()
            .setWallTime(Durations.fromSeconds(30))
            .setMemoryBytes(256 * MIB)
            .setOutputBytes(16 * MIB)
            .setProcesses(64)
            .setDiskBytes(64 * MIB)
            .build(),
        ExecutionLimits.newBuilder()
            .setWallTime(Durations.fromHours(1))
            .setCpuTime(Durations.fromHours(1))
            .setMemoryBytes(2048 * MIB)
            .setOutputBytes(2048 * MIB)
            .setProcesses(512)
            .setDiskBytes(1024 * MIB)
            .build(),
        Duration.ofSeconds(15),
        MIB,
        10_000,
        Duration.ofMillis(200),
        2,
        Duration.ofSeconds(5),
        Duration.ofSeconds(30),
        true,
        Duration.ZERO);
  }

  /** The same with other limits. */
  public ExecutionSettings withLimits(ExecutionLimits defaults, ExecutionLimits maxima) {
    return new ExecutionSettings(
        defaults,
        maxima,
        heartbeat,
        storedOutputBytes,
        storedEvents,
        flushInterval,
        queuedRuns,
        instanceHeartbeat,
        deadAfter,
        soleServer,
        keepFor);
  }

  /** The same with another heartbeat of streams. */
  public ExecutionSettings withHeartbeat(Duration interval) {
    return new ExecutionSettings(
        defaultLimits,
        maximumLimits,
        interval,
        storedOutputBytes,
        storedEvents,
        flushInterval,
        queuedRuns,
        instanceHeartbeat,
        deadAfter,
        soleServer,
        keepFor);
  }

  /** The same with other bounds of what is stored, and for how long. */
  public ExecutionSettings withStorage(long outputBytes, int events, Duration keep) {
    return new ExecutionSettings(
        defaultLimits,
        maximumLimits,
        heartbeat,
        outputBytes,
        events,
        flushInterval,
        queuedRuns,
        instanceHeartbeat,
        deadAfter,
        soleServer,
        keep);
  }

  /** The same for a server that shares its database with others. */
  public ExecutionSettings shared(Duration heartbeatEvery, Duration dead) {
    return new ExecutionSettings(
        defaultLimits,
        maximumLimits,
        heartbeat,
        storedOutputBytes,
        storedEvents,
        flushInterval,
        queuedRuns,
        heartbeatEvery,
        dead,
        false,
        keepFor);
  }

  /** The same with another number of submitted executions run at a time. */
  public ExecutionSettings withQueuedRuns(int runs) {
    return new ExecutionSettings(
        defaultLimits,
        maximumLimits,
        heartbeat,
        storedOutputBytes,
        storedEvents,
        flushInterval,
        runs,
        instanceHeartbeat,
        deadAfter,
        soleServer,
        keepFor);
  }
}
