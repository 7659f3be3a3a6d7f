package io.athena.procedures.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import io.athena.procedures.v1.FailureKind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/**
 * Hostile and honest runs at the same time, for as long as the property {@code
 * athena.mixed-load.minutes} says; without it this does not run. The command is in the module's
 * README.
 */
@EnabledIfSystemProperty(named = "athena.mixed-load.minutes", matches = "[0-9.]+")
final class MixedLoadTest {
  private static final int HONEST = 2;
  private static final int HOSTILE = 2;
  private static final double LONGEST_AS_OFTEN_AS_IN_QUIET = 3;

  private static final List<String> HOSTILE_PROGRAMS =
      List.of(
          "while True: pass",
          "import threading\ndef spin():\n    while True: pass\nfor _ in range(16): threading.Thread(target=spin).start()",
          "blocks = []\nwhile True: blocks.append(bytearray(1_000_000))",
          "import os\nwhile True:\n    try: os.fork()\n    except OSError: pass",
          "import os\nblock = b'x' * 65536\nwhile True: os.write(1, block)",
          "import os\nfor n in range(100_000): open(str(n), 'w').write('x' * 5000)",
          "import os\nfor _ in range(100_000): os.mkdir('d'); os.chdir('d')",
          "import ctypes; ctypes.string_at(0)",
          "import os; os.kill(0, 9)",
          "import os; os.kill(-1, 9)",
          "import os\nwhile True: os.write(3, b'garbage of any kind')",
          "import os, signal, time\nsignal.pthread_sigmask(signal.SIG_BLOCK, range(1, 65))\nif os.fork() == 0:\n    os.setsid()\n    if os.fork() == 0:\n        while True: pass\nos._exit(0)",
          "import socket\nwhile True:\n    try: socket.socket(socket.AF_INET)\n    except OSError: pass",
          "import os\nwhile True: os.open('/usr/bin/env', os.O_RDONLY)",
          "import sandbox\nwhile True: sandbox.log('x' * 1000)",
          "def main(): return main()");

  private static final String HONEST_PROGRAM =
      """
      import hashlib, os, sys
      def main(n):
          found = [p for p in os.listdir('.') + os.listdir('/tmp')]
          text = sys.stdin.read()
          with open('own', 'w') as file:
              file.write(text * 10)
          print(hashlib.sha256(open('own').read().encode()).hexdigest())
          return {'square': n * n, 'found': found, 'processes': len([p for p in os.listdir('/proc') if p.isdigit()])}
      """;

  @Test
  void honestRunsAreRightAndNotHeldUp() throws Exception {
    Duration longest =
        Duration.ofMillis(
            Math.round(
                60_000 * Double.parseDouble(System.getProperty("athena.mixed-load.minutes"))));
    try (TestSandbox sandbox = TestSandbox.start()) {
      honest(sandbox, longest.dividedBy(60));
      long[] quiet = honest(sandbox, longest.dividedBy(10));
      AtomicInteger hostile = new AtomicInteger();
      Map<FailureKind, Integer> ends = new EnumMap<>(FailureKind.class);
      try (ExecutorService threads = Executors.newFixedThreadPool(HOSTILE)) {
        long deadline = System.nanoTime() + longest.toNanos();
        for (int i = 0; i < HOSTILE; i++) {
          var _ =
              threads.submit(() -> {
                while (System.nanoTime() < deadline) {
                  FailureKind end = attack(sandbox, hostile.getAndIncrement());
                  synchronized (ends) {
                    ends.merge(end, 1, Integer::sum);
                  }
                }
                return null;
              });
        }
        long[] mixed = honest(sandbox, longest);
        threads.shutdown();
        System.out.printf(
            "hostile runs: %d, ended %s; containers started: %d%n",
            hostile.get(), ends, sandbox.worker().containersStarted());
        print("honest runs in quiet", quiet);
        print("honest runs beside them", mixed);
        assertThat(percentile(mixed, 99) / percentile(quiet, 99))
            .as("p99 of honest runs beside hostile ones, to that in quiet")
            .isLessThanOrEqualTo(LONGEST_AS_OFTEN_AS_IN_QUIET);
      }
      HostState.eventually(() ->
          assertThat(sandbox.load().getReadySlots())
              .isEqualTo(sandbox.config().pool().readySlots()));
      assertThat(sandbox.load().getUnavailableReason()).isEmpty();
      assertThat(sandbox.load().getRunning()).isZero();
    }
  }

  private static FailureKind attack(TestSandbox sandbox, int number) {
    return sandbox
        .program(HOSTILE_PROGRAMS.get(number % HOSTILE_PROGRAMS.size()))
        .wallTime(Duration.ofMillis(500))
        .memory(64L << 20)
        .disk(16L << 20)
        .run()
        .completed()
        .getFailure()
        .getKind();
  }

  /** Runs honest programs for so long; returns what each took, in nanoseconds, sorted. */
  private static long[] honest(TestSandbox sandbox, Duration time) throws Exception {
    long deadline = System.nanoTime() + time.toNanos();
    AtomicInteger number = new AtomicInteger();
    Callable<List<Long>> caller =
        () -> {
          List<Long> nanos = new ArrayList<>();
          while (System.nanoTime() < deadline) {
            nanos.add(check(sandbox, number.getAndIncrement()));
          }
          return nanos;
        };
    List<Long> all = new ArrayList<>();
    try (ExecutorService threads = Executors.newFixedThreadPool(HONEST)) {
      for (Future<List<Long>> each :
          threads.invokeAll(java.util.Collections.nCopies(HONEST, caller))) {
        all.addAll(each.get());
      }
    }
    return all.stream().mapToLong(Long::longValue).sorted().toArray();
  }

  private static long check(TestSandbox sandbox, int n) {
    long start = System.nanoTime();
    TestRun run = sandbox.program(HONEST_PROGRAM).parameter("n", n).open();
    run.stdin("text of " + n);
    run.closeStdin();
    var result = run.finish().result().getStructValue();
    final long nanos = System.nanoTime() - start;
    assertThat(result.getFieldsOrThrow("square").getNumberValue()).isEqualTo((double) n * n);
    assertThat(result.getFieldsOrThrow("found").getListValue().getValuesList()).isEmpty();
    assertThat(result.getFieldsOrThrow("processes").getNumberValue()).isEqualTo(1);
    assertThat(run.stdout()).isEqualTo(sha256(("text of " + n).repeat(10)) + "\n");
    return nanos;
  }

  private static String sha256(String text) {
    try {
      byte[] bytes = text.getBytes(java.nio.charset.StandardCharsets.UTF_8);
      return java.util.HexFormat.of()
          .formatHex(java.security.MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (java.security.NoSuchAlgorithmException e) {
      throw new AssertionError("every Java has SHA-256", e);
    }
  }

  private static double percentile(long[] sorted, int percent) {
    return sorted[Math.min(sorted.length - 1, sorted.length * percent / 100)] / 1e6;
  }

  private static void print(String what, long[] sorted) {
    System.out.printf(
        "%s: %d, all right; p50 %.1f ms, p95 %.1f ms, p99 %.1f ms, longest %.1f ms%n",
        what,
        sorted.length,
        percentile(sorted, 50),
        percentile(sorted, 95),
        percentile(sorted, 99),
        Arrays.stream(sorted).max().orElse(0) / 1e6);
  }
}
