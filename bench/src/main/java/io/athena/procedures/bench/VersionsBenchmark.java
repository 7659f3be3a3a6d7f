package io.athena.procedures.bench;

import io.athena.procedures.client.AthenaClient;
import io.athena.procedures.db.DatabaseStartException;
import io.athena.procedures.v1.Procedure;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Measures versions of code beside git itself on the local disk, taking turns in rounds. */
@Command(
    name = "versions",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Measures saving, listing, reading, comparing and rolling back versions, beside JGit on a local",
      "bare repository that flushes to the disk; then what a save costs among many procedures.",
      "All of them keep their files under the directory for temporary files (java.io.tmpdir)."
    })
final class VersionsBenchmark implements Callable<Integer> {
  private static final int LISTED = 100;
  private static final int SAVES = 60;
  private static final int READS = 100;
  private static final int SAVES_AT_A_SIZE = 300;
  private static final int SEEDING_THREADS = 8;

  @Option(
      names = "--rounds",
      defaultValue = "5",
      description = "How often each has its turn (default: 5).")
  private int rounds;

  @Option(
      names = "--procedures",
      defaultValue = "100000",
      description = {
        "Up to how many procedures a save is measured among, in steps of ten (default: 100000, which takes some",
        "minutes to fill; 0: not at all)."
      })
  private int procedures;

  private final PrintStream out = System.out;
  private final PrintStream progress = System.err;
  private int saved;

  /** One thing to do with a store, a number of times in a row. */
  private interface Work {
    void run(VersionStore store, int time) throws IOException;
  }

  @Override
  public Integer call()
      throws IOException, InterruptedException, DatabaseStartException, ExecutionException {
    if (rounds < 1 || procedures < 0) {
      progress.println("athena bench versions: --rounds from 1, --procedures from 0");
      return CommandLine.ExitCode.USAGE;
    }
    Procedure procedure = procedure("measured");
    try (Workplace workplace = Workplace.create();
        ServerProcess server = ServerProcess.start(Frame.launcher(), workplace.dataDirectory());
        AthenaClient client = AthenaClient.builder().address(server.address()).build();
        LocalGitStore local =
            new LocalGitStore(workplace.folder().resolve("local.git"), procedure.toString());
        Storage storage = new Storage(workplace.folder().resolve("storage"));
        StorageStore stored = new StorageStore(storage, procedure);
        ServiceStore service = new ServiceStore(client, procedure)) {
      compare(List.of(local, stored, service), storage);
      examine(service);
      grow(storage);
    }
    return CommandLine.ExitCode.OK;
  }

  private void compare(List<VersionStore> stores, Storage storage) throws IOException {
    for (VersionStore store : stores) {
      progress.printf("filling: %s%n", store.name());
      measure(store, 2 * LISTED, (to, time) -> to.save(code(saved++)));
      for (int time = 0; time < 3; time++) { // Caches and compilers warm up.
        work().values().forEach(work -> warm(store, work));
      }
    }
    storage.settle();
    Map<String, List<Series>> figures = new LinkedHashMap<>();
    work()
        .keySet()
        .forEach(what -> figures.put(what, stores.stream().map(store -> new Series()).toList()));
    for (int round = 1; round <= rounds; round++) {
      for (Map.Entry<String, Work> work : work().entrySet()) {
        List<Series> series = figures.getOrDefault(work.getKey(), List.of());
        for (int i = 0; i < stores.size(); i++) {
          VersionStore store = stores.get(i);
          progress.printf("round %d of %d: %s: %s%n", round, rounds, work.getKey(), store.name());
          long begin = System.nanoTime();
          int times = work.getKey().contains("save") ? SAVES : READS;
          List<Long> nanos = measure(store, times, work.getValue());
          series.get(i).addRound(nanos, System.nanoTime() - begin);
        }
      }
    }
    figures.forEach((what, series) -> {
      double baseline = series.getFirst().percentileMillis(0.5);
      for (int i = 0; i < stores.size(); i++) {
        print(what, stores.get(i).name(), series.get(i), baseline);
      }
      out.println();
    });
  }

  private Map<String, Work> work() {
    Map<String, Work> work = new LinkedHashMap<>();
    work.put("save", (store, time) -> store.save(code(saved++)));
    work.put(
        "list 100 versions",
        (store, time) -> {
          if (store.list(LISTED) != LISTED) {
            throw new IOException(store.name() + " listed too few");
          }
        });
    work.put("get", (store, time) -> store.get(1 + time % LISTED));
    work.put("diff", (store, time) -> store.diff(1 + time % LISTED, 2 + time % LISTED));
    work.put("rollback (a save, too)", (store, time) -> store.rollback(1 + time % LISTED));
    return work;
  }

  private void warm(VersionStore store, Work work) {
    try {
      measure(store, READS, work);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static List<Long> measure(VersionStore store, int times, Work work) throws IOException {
    List<Long> nanos = new ArrayList<>(times);
    for (int time = 0; time < times; time++) {
      long begin = System.nanoTime();
      work.run(store, time);
      nanos.add(System.nanoTime() - begin);
    }
    return nanos;
  }

  private void print(String what, String who, Series figure, double baseline) {
    out.printf(
        Locale.ROOT,
        "%-24s %-38s %6d times  p50 %7.2f ms  p95 %7.2f ms  ratio %5.2f%n",
        what,
        who,
        figure.count(),
        figure.percentileMillis(0.50),
        figure.percentileMillis(0.95),
        figure.percentileMillis(0.50) / baseline);
  }

  /** The part of a save over gRPC that is not storing. */
  private void examine(ServiceStore service) {
    List<Long> nanos = new ArrayList<>();
    long begin = System.nanoTime();
    for (int time = 0; time < SAVES * rounds; time++) {
      String code = code(saved++);
      long start = System.nanoTime();
      service.validate(code);
      nanos.add(System.nanoTime() - start);
    }
    Series figure = new Series();
    figure.addRound(nanos, System.nanoTime() - begin);
    print("validation (of a save)", service.name(), figure, figure.percentileMillis(0.5));
    out.println();
  }

  /** What a save costs when there are 10 procedures, 100, and so on. */
  private void grow(Storage storage) throws InterruptedException, ExecutionException {
    List<Long> ids = new ArrayList<>();
    double first = 0;
    for (int size = 10; size <= procedures; size *= 10) {
      progress.printf("adding procedures up to %d%n", size);
      ids.addAll(seed(storage, size - ids.size()));
      storage.settle();
      savesAmong(storage, ids); // Caches and compilers warm up.
      long logBefore = storage.logBytes();
      long begin = System.nanoTime();
      Series figure = new Series();
      figure.addRound(savesAmong(storage, ids), System.nanoTime() - begin);
      long logged = (storage.logBytes() - logBefore) / SAVES_AT_A_SIZE;
      first = first == 0 ? figure.percentileMillis(0.5) : first;
      print("save among " + size, "storage alone", figure, first);
      out.printf(Locale.ROOT, "%24s %.1f kB of PostgreSQL's log for each%n", "", logged / 1e3);
    }
  }

  /** Each on another procedure, if there are enough. */
  private List<Long> savesAmong(Storage storage, List<Long> ids) {
    List<Long> nanos = new ArrayList<>(SAVES_AT_A_SIZE);
    for (int time = 0; time < SAVES_AT_A_SIZE; time++) {
      int number = saved++;
      String code = code(number);
      long id = ids.get((int) (number * 7919L % ids.size()));
      long begin = System.nanoTime();
      storage.save(id, code, "");
      nanos.add(System.nanoTime() - begin);
    }
    return nanos;
  }

  private List<Long> seed(Storage storage, int count)
      throws InterruptedException, ExecutionException {
    List<Future<Long>> seeded = new ArrayList<>();
    int next = saved;
    saved += count;
    try (ExecutorService threads = Executors.newFixedThreadPool(SEEDING_THREADS)) {
      for (int i = 0; i < count; i++) {
        int number = next + i;
        seeded.add(
            threads.submit(() -> {
              long id = storage.remember(procedure("procedure " + number));
              storage.save(id, code(number), "");
              return id;
            }));
      }
    }
    List<Long> ids = new ArrayList<>();
    for (Future<Long> each : seeded) {
      ids.add(each.get());
    }
    return ids;
  }

  private static Procedure procedure(String name) {
    return Procedure.newBuilder()
        .setName(name)
        .setCategory("benchmark")
        .setDescription("Sums the numbers of a column and says which rows were left out")
        .build();
  }

  /** About 1.5 kB of Python, of which some lines change from version to version. */
  private static String code(int number) {
    StringBuilder code = new StringBuilder("import csv\n\n\ndef run(path: str) -> float:\n");
    for (int line = 0; line < 40; line++) {
      int value = line % 10 == number % 10 ? number : line;
      code.append("    total_%d = sum_of(path, %d)  # column\n".formatted(line, value));
    }
    return code.append("    return total_0  # ").append(number).append('\n').toString();
  }
}
