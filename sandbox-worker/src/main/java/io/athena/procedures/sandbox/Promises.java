package io.athena.procedures.sandbox;

import java.io.IOException;
import java.time.Duration;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a worker has proved that it enforces. The first container is tested before it may be used,
 * and later ones are made alike. Only the proof of the limit on CPU time, which takes a second of
 * it, goes on beside the first runs; if it fails, the container is given up and the next one is
 * tested whole before it may be used. Thread-safe.
 */
final class Promises {
  private static final Logger log = LoggerFactory.getLogger(Promises.class);

  /** A second of CPU time is not to be taken from a server that is just starting. */
  private static final Duration AFTER_THE_START = Duration.ofSeconds(3);

  private static final Duration LONGEST_END = Duration.ofSeconds(1);

  private final ScheduledExecutorService timer;
  private final Duration grace;
  private final BiConsumer<Container, String> condemn;
  private final ReentrantLock lock = new ReentrantLock();
  private final Map<Guarantee, String> kept = new EnumMap<>(Guarantee.class);
  private CpuTime cpuTime = CpuTime.UNPROVED;
  private @Nullable Candidate newest;

  /** Where the proof stands that takes the longest. */
  private enum CpuTime {
    UNPROVED,
    UNDER_WAY,
    PROVED,
    FAILED
  }

  /** A container in which something can be proved. */
  private record Candidate(Container container, SelfTest test) {}

  /**
   * Nothing is proved yet.
   *
   * @param condemn gives up a container, for a reason
   */
  Promises(ScheduledExecutorService timer, Duration grace, BiConsumer<Container, String> condemn) {
    this.timer = timer;
    this.grace = grace;
    this.condemn = condemn;
  }

  /** Each guarantee that is proved, by its name, and how it is kept. */
  Map<String, String> kept() {
    lock.lock();
    try {
      Map<String, String> report = new LinkedHashMap<>();
      kept.forEach((guarantee, how) -> report.put(guarantee.key(), how));
      return report;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Tests a new container, unless one was tested well before.
   *
   * @throws IOException if it must not be used, naming what it does not keep
   */
  void prove(Container container, HostCgroups cgroups) throws IOException {
    SelfTest test = new SelfTest(container, cgroups, timer, grace);
    if (kept().isEmpty()) {
      long start = System.nanoTime();
      Map<Guarantee, String> proved = test.prove();
      if (standing() == CpuTime.FAILED) {
        // Who failed it once must pass it before anything runs.
        proved.put(Guarantee.CPU_TIME, test.proveCpuTime());
      }
      record(proved);
      log.info(
          "the self-test took {} ms and proved: {}",
          (System.nanoTime() - start) / 1_000_000,
          proved);
    }
    offer(new Candidate(container, test));
  }

  /** CPU time is proved later, in the container that is the newest then. */
  private void offer(Candidate candidate) {
    lock.lock();
    try {
      newest = candidate;
      if (cpuTime == CpuTime.UNPROVED) {
        cpuTime = CpuTime.UNDER_WAY;
        var _ =
            timer.schedule(
                () -> Thread.ofVirtual().name("sandbox-self-test").start(this::proveCpuTime),
                AFTER_THE_START.toMillis(),
                TimeUnit.MILLISECONDS);
      }
    } finally {
      lock.unlock();
    }
  }

  private void proveCpuTime() {
    Candidate candidate = newest();
    try {
      String how = candidate.test.proveCpuTime();
      record(Map.of(Guarantee.CPU_TIME, how));
      log.info("the self-test proved {}: {}", Guarantee.CPU_TIME.key(), how);
    } catch (IOException e) {
      // What is in a container ends shortly before the runtime that watches it.
      if (candidate.container.endsWithin(LONGEST_END)) {
        log.debug("a container ended before CPU time was proved in it");
        tryNewest();
        return;
      }
      lock.lock();
      try {
        cpuTime = CpuTime.FAILED;
        kept.clear();
      } finally {
        lock.unlock();
      }
      condemn.accept(candidate.container, "cpu_time is not enforced: " + e.getMessage());
    }
  }

  private Candidate newest() {
    lock.lock();
    try {
      return Objects.requireNonNull(newest, "nothing is proved before there is a container");
    } finally {
      lock.unlock();
    }
  }

  private CpuTime standing() {
    lock.lock();
    try {
      return cpuTime;
    } finally {
      lock.unlock();
    }
  }

  /** At once if another container is there already, and else when there is one. */
  private void tryNewest() {
    lock.lock();
    try {
      cpuTime = CpuTime.UNPROVED;
      Candidate candidate = newest();
      if (candidate.container.isAlive()) {
        offer(candidate);
      }
    } finally {
      lock.unlock();
    }
  }

  private void record(Map<Guarantee, String> proved) {
    lock.lock();
    try {
      kept.putAll(proved);
      if (kept.containsKey(Guarantee.CPU_TIME)) {
        cpuTime = CpuTime.PROVED;
      }
    } finally {
      lock.unlock();
    }
  }
}
