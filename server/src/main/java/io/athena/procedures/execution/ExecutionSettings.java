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
 * @param queuedRuns submitted executions that one server runs at a time
 * @param storage what is kept of a run
 * @param sharing who else uses the database
 */
public record ExecutionSettings(
    ExecutionLimits defaultLimits,
    ExecutionLimits maximumLimits,
    Duration heartbeat,
    int queuedRuns,
    Storage storage,
    Sharing sharing) {

  private static final long MIB = 1024 * 1024;

  /**
   * What is kept of a run.
   *
   * @param outputBytes bytes of its events; the live stream carries all
   * @param events of them at most
   * @param flushInterval how long an event of a running program may be only in memory
   * @param keepFor age at which finished executions are removed; zero keeps them
   */
  public record Storage(long outputBytes, int events, Duration flushInterval, Duration keepFor) {}

  /**
   * Who else uses the database.
   *
   * @param soleServer true if nobody can, so that all runs found at start are lost ones
   * @param heartbeat how often a server says that it lives
   * @param deadAfter silence after which a server counts as dead and its runs as lost
   * @param places how projects share this server
   */
  public record Sharing(boolean soleServer, Duration heartbeat, Duration deadAfter, Places places) {
    /**
     * How projects share one server.
     *
     * @param most runs of a project at a time; 0 sets no limit
     * @param mostWaiting calls of a project that may wait for one of them to end
     * @param longestWait of such a call
     */
    public record Places(int most, int mostWaiting, Duration longestWait) {}
  }

  /** What holds where nothing is configured, for a server that has its database to itself. */
  public static ExecutionSettings defaults() {
    return new ExecutionSettings(
        ExecutionLimits.newBuilder()
            .setWallTime(Durations.fromSeconds(30))
            .setMemoryBytes(256 * MIB)
            .setOutputBytes(16 * MIB)
            .setProcesses(64)
            .setDiskBytes(64 * MIB)
            .setArtifactBytes(64 * MIB)
            .build(),
        ExecutionLimits.newBuilder()
            .setWallTime(Durations.fromHours(1))
            .setCpuTime(Durations.fromHours(1))
            .setMemoryBytes(2048 * MIB)
            .setOutputBytes(2048 * MIB)
            .setProcesses(512)
            .setDiskBytes(1024 * MIB)
            .setArtifactBytes(1024 * MIB)
            .build(),
        Duration.ofSeconds(15),
        2,
        new Storage(MIB, 10_000, Duration.ofMillis(200), Duration.ZERO),
        new Sharing(
            true,
            Duration.ofSeconds(5),
            Duration.ofSeconds(30),
            new Sharing.Places(0, 256, Duration.ofSeconds(30))));
  }

  /** The same with other limits. */
  public ExecutionSettings withLimits(ExecutionLimits defaults, ExecutionLimits maxima) {
    return new ExecutionSettings(defaults, maxima, heartbeat, queuedRuns, storage, sharing);
  }

  /** The same with another heartbeat of streams. */
  public ExecutionSettings withHeartbeat(Duration interval) {
    return new ExecutionSettings(
        defaultLimits, maximumLimits, interval, queuedRuns, storage, sharing);
  }

  /** The same with another number of submitted executions run at a time. */
  public ExecutionSettings withQueuedRuns(int runs) {
    return new ExecutionSettings(defaultLimits, maximumLimits, heartbeat, runs, storage, sharing);
  }

  /** The same with finished executions removed at another age; zero keeps them. */
  public ExecutionSettings withKeepFor(Duration age) {
    return new ExecutionSettings(
        defaultLimits,
        maximumLimits,
        heartbeat,
        queuedRuns,
        new Storage(storage.outputBytes(), storage.events(), storage.flushInterval(), age),
        sharing);
  }

  /** The same for a server that shares its database with others. */
  public ExecutionSettings shared(Duration heartbeatEvery, Duration dead) {
    return new ExecutionSettings(
        defaultLimits,
        maximumLimits,
        heartbeat,
        queuedRuns,
        storage,
        new Sharing(false, heartbeatEvery, dead, sharing.places()));
  }

  /** The same with other limits on the runs of a project. */
  public ExecutionSettings withPlaces(Sharing.Places places) {
    return new ExecutionSettings(
        defaultLimits,
        maximumLimits,
        heartbeat,
        queuedRuns,
        storage,
        new Sharing(sharing.soleServer(), sharing.heartbeat(), sharing.deadAfter(), places));
  }
}
