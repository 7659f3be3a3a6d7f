package io.athena.procedures.bench;

import io.athena.procedures.client.AthenaClient;
import io.athena.procedures.db.DatabaseStartException;
import io.athena.procedures.v1.ListProceduresRequest;
import io.athena.procedures.v1.ListProceduresResponse;
import io.athena.procedures.v1.Procedure;
import io.athena.procedures.v1.SaveProcedureCodeRequest;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import tools.jackson.databind.json.JsonMapper;

/**
 * Lets the ordinary git client mirror a large project, and holds what arrives against what was
 * saved. Beside it, git serves the same objects itself, from the packed mirror on disk.
 */
@Command(
    name = "mirror",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Saves many versions of many procedures, and measures what git clients take to get them.",
      "Starts a server of its own with an empty database; the default size takes some minutes."
    })
final class MirrorBenchmark implements Callable<Integer> {
  private static final int WRITERS = 8;
  private static final String PROJECT = "default";

  @Option(
      names = "--procedures",
      defaultValue = "10000",
      description = "How many procedures (default: 10000).")
  private int procedures;

  @Option(
      names = "--versions",
      defaultValue = "10",
      description = "How many versions of each (default: 10).")
  private int versions;

  @Option(
      names = "--data-dir",
      paramLabel = "DIR",
      description = {
        "Keep the database in this directory; what an earlier run has saved there is used again if it exists.",
        "Default: a temporary one."
      })
  private @Nullable Path dataDirectory;

  @Option(names = "--json", description = "Print one JSON object a line.")
  private boolean json;

  private final PrintStream out = System.out;
  private final PrintStream progress = System.err;
  private final List<Step> steps = new ArrayList<>();

  /** What was measured; a ratio of 0 stands for none. */
  private record Step(String what, double seconds, String remark) {}

  @Override
  public Integer call() throws IOException, InterruptedException, DatabaseStartException {
    if (procedures < 1 || versions < 1) {
      progress.println("athena bench mirror: --procedures and --versions must be at least 1");
      return CommandLine.ExitCode.USAGE;
    }
    try (Workplace workplace = Workplace.create()) {
      Path data = dataDirectory == null ? workplace.dataDirectory() : dataDirectory;
      if (!Files.exists(data)) {
        try (Storage storage = new Storage(data)) {
          fill(storage);
          storage.settle();
        }
      }
      progress.println("starting a server …");
      try (ServerProcess server = ServerProcess.start(Frame.launcher(), data);
          AthenaClient client = AthenaClient.builder().address(server.address()).build()) {
        List<Procedure> saved = saved(client);
        if (saved.size() != procedures) {
          throw new IOException(
              "the server has %,d procedures, not %,d".formatted(saved.size(), procedures));
        }
        measure(client, server, new Git(workplace.folder()), saved);
      }
    }
    out.print(json ? forPrograms() : forPeople());
    return CommandLine.ExitCode.OK;
  }

  /** The procedures that there are, by id; none on a new server. */
  private static List<Procedure> saved(AthenaClient client) {
    List<Procedure> saved = new ArrayList<>();
    ListProceduresRequest.Builder request = ListProceduresRequest.newBuilder().setPageSize(1_000);
    do {
      ListProceduresResponse page = client.listProcedures(request.build());
      saved.addAll(page.getProceduresList());
      request.setPageToken(page.getNextPageToken());
    } while (!request.getPageToken().isEmpty());
    return saved;
  }

  /** Directly into the storage: what is measured here is reading. */
  private void fill(Storage storage) throws IOException, InterruptedException {
    progress.printf("saving %,d versions of each of %,d procedures …%n", versions, procedures);
    long begin = System.nanoTime();
    AtomicInteger done = new AtomicInteger();
    List<Future<?>> saved = new ArrayList<>();
    try (ExecutorService threads = Executors.newFixedThreadPool(WRITERS)) {
      for (int number = 0; number < procedures; number++) {
        String name = "procedure_" + number;
        saved.add(
            threads.submit(() -> {
              save(storage, name);
              if (done.incrementAndGet() % 1_000 == 0) {
                progress.printf("%,d procedures saved%n", done.get());
              }
            }));
      }
      for (Future<?> one : saved) {
        one.get();
      }
    } catch (ExecutionException e) {
      throw new IOException("saving failed: " + e.getMessage(), e);
    }
    double seconds = (System.nanoTime() - begin) / 1e9;
    steps.add(
        new Step(
            "save all into the storage, %d writers".formatted(WRITERS),
            seconds,
            String.format(
                Locale.ROOT, "%.0f versions a second", (double) procedures * versions / seconds)));
  }

  private void save(Storage storage, String name) {
    long id = storage.remember(Procedure.newBuilder().setName(name).setProject(PROJECT).build());
    for (int version = 1; version <= versions; version++) {
      storage.save(id, code(name, version), "Improve it");
    }
  }

  private static void save(AthenaClient client, long id, String code) {
    client.saveProcedureCode(
        SaveProcedureCodeRequest.newBuilder()
            .setProcedureId(id)
            .setCode(code)
            .setMessage("Improve it")
            .build());
  }

  /** About a kilobyte, of which each version changes a line. */
  private static String code(String name, int version) {
    StringBuilder code = new StringBuilder("def %s(items: list) -> int:\n".formatted(name));
    code.append("    \"\"\"Adds up what is left after every step.\"\"\"\n    total = 0\n");
    for (int step = 1; step <= 20; step++) {
      code.append(
          "    total += sum(items[%d:]) * %d\n".formatted(step, step == version ? 100 : step));
    }
    return code.append("    return total + %d\n".formatted(version)).toString();
  }

  private void measure(AthenaClient client, ServerProcess server, Git git, List<Procedure> saved)
      throws IOException, InterruptedException {
    String url = "http://" + server.address() + "/git/" + PROJECT + ".git";
    Procedure first = saved.getFirst();
    Procedure last = saved.getLast();
    // Earlier runs on the same database have added versions to the first.
    long commits = saved.stream().mapToLong(Procedure::getCurrentVersion).sum();
    timed(git, "clone --mirror", "clone", "-q", "--mirror", url, "mirror");
    steps.add(new Step("  the server's peak memory so far", 0, server.peakMemory()));
    Git mirror = git.in("mirror");
    expect(mirror, "branches", procedures, "for-each-ref", "refs/heads");
    expect(mirror, "tags", commits, "for-each-ref", "refs/tags");
    expect(mirror, "commits", commits, "rev-list", "--all");
    timed(mirror, "  git fsck --full --strict of it", "fsck", "--full", "--strict");
    steps.add(new Step("  its size", 0, mirror.run("count-objects", "-vH").replace('\n', ' ')));

    timed(mirror, "fetch of nothing new", "fetch", "-q");
    save(client, first.getProcedureId(), code("one", first.getCurrentVersion() + 1));
    timed(mirror, "fetch of one new version", "fetch", "-q");
    expect(mirror, "commits", commits + 1, "rev-list", "--all");
    String branch = "procedures/" + last.getProcedureId();
    timed(
        git,
        "clone of one branch",
        "clone",
        "-q",
        "--bare",
        "--single-branch",
        "-b",
        branch,
        url,
        "single");
    expect(git.in("single"), "commits", last.getCurrentVersion(), "rev-list", branch);
    timed(
        git,
        "shallow clone of all branches",
        "clone",
        "-q",
        "--bare",
        "--depth=1",
        "--no-single-branch",
        url,
        "shallow");
    // A plain path would be copied or linked, and this goes through git's own upload-pack.
    String local = "file://" + mirror.directory();
    timed(git, "git's own: clone --mirror of the mirror", "clone", "-q", "--mirror", local, "own");
  }

  private void timed(Git git, String what, String... arguments)
      throws IOException, InterruptedException {
    progress.println(what.strip() + " …");
    long begin = System.nanoTime();
    String said = git.run(arguments);
    steps.add(new Step(what, (System.nanoTime() - begin) / 1e9, said));
  }

  private static void expect(Git git, String what, long count, String... arguments)
      throws IOException, InterruptedException {
    long found = git.run(arguments).lines().count();
    if (found != count) {
      throw new IOException("git has %,d %s where %,d were saved".formatted(found, what, count));
    }
  }

  private String forPeople() {
    StringBuilder text =
        new StringBuilder(
            "%,d procedures, %,d versions of each%n%n".formatted(procedures, versions));
    for (Step step : steps) {
      String seconds = step.seconds == 0 ? "" : String.format(Locale.ROOT, "%.2f s", step.seconds);
      text.append("%-42s %10s  %s".formatted(step.what, seconds, step.remark).stripTrailing())
          .append('\n');
    }
    return text.toString();
  }

  private String forPrograms() {
    StringBuilder lines = new StringBuilder();
    for (Step step : steps) {
      lines
          .append(
              JsonMapper.shared()
                  .writeValueAsString(
                      JsonMapper.shared()
                          .createObjectNode()
                          .put("step", step.what.strip())
                          .put("procedures", procedures)
                          .put("versions", versions)
                          .put("seconds", step.seconds)
                          .put("remark", step.remark)))
          .append('\n');
    }
    return lines.toString();
  }

  /** The git client in a directory. */
  private record Git(Path directory) {
    Git in(String name) {
      return new Git(directory.resolve(name));
    }

    String run(String... arguments) throws IOException, InterruptedException {
      List<String> command = new ArrayList<>(List.of("git"));
      command.addAll(List.of(arguments));
      ProcessBuilder builder =
          new ProcessBuilder(command).directory(directory.toFile()).redirectErrorStream(true);
      builder.environment().put("GIT_CONFIG_NOSYSTEM", "1");
      builder.environment().put("GIT_CONFIG_GLOBAL", "/dev/null");
      builder.environment().put("GIT_TERMINAL_PROMPT", "0");
      Process process = builder.start();
      String said =
          new String(
              process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
      if (process.waitFor() != 0) {
        throw new IOException(String.join(" ", command) + " failed: " + said);
      }
      return said.strip();
    }
  }
}
