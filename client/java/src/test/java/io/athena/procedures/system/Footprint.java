package io.athena.procedures.system;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

/** How much of the host a server takes up. */
record Footprint(
    long processes, long threads, long descriptors, long mounts, long files, long groups) {
  /**
   * Threads and connections that come and go by themselves: pools of the runtime, timers of the
   * database.
   */
  private static final int SLACK = 4;

  /** The server opens connections to its database as it needs them, up to so many. */
  private static final int DATABASE_CONNECTIONS = 16;

  static Footprint of(Host host, Path runDirectory) {
    try {
      return new Footprint(
          host.processes(),
          host.threads(),
          host.descriptors(),
          host.mounts(),
          Host.files(runDirectory),
          Host.sandboxGroups(runDirectory));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Once it has not changed in a hundred looks: slots are made in bursts, so a single look tells
   * little.
   */
  static Footprint atRest(Host host, Path runDirectory) {
    AtomicReference<Footprint> last = new AtomicReference<>(of(host, runDirectory));
    AtomicInteger looks = new AtomicInteger();
    Host.eventually(() -> {
      Footprint now = of(host, runDirectory);
      return now.equals(last.getAndSet(now))
          ? looks.incrementAndGet() == 100
          : looks.getAndSet(0) < 0;
    });
    return last.get();
  }

  boolean isWithin(Footprint before) {
    return processes <= before.processes + SLACK
        && threads <= before.threads + SLACK
        && descriptors <= before.descriptors + SLACK + DATABASE_CONNECTIONS
        && mounts <= before.mounts
        && files <= before.files
        && groups <= before.groups + SLACK;
  }
}
