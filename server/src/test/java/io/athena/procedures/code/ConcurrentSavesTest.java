package io.athena.procedures.code;

import static org.assertj.core.api.Assertions.assertThat;

import io.athena.procedures.ServerProcess;
import io.athena.procedures.db.TestDatabase;
import io.athena.procedures.procedure.Procedures;
import io.athena.procedures.procedure.TestProcedures;
import io.athena.procedures.v1.CodeVersion;
import io.athena.procedures.v1.GetProcedureRequest;
import io.athena.procedures.v1.ListProcedureVersionsRequest;
import io.athena.procedures.v1.SaveProcedureCodeRequest;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Many writers, on two servers with one database. */
class ConcurrentSavesTest {
  private static final int WRITERS = 32;
  private static final int SAVES = 3;

  @RegisterExtension static final TestDatabase database = TestDatabase.create();

  private static final List<ServerProcess> servers = new ArrayList<>();

  private final Procedures procedures = TestProcedures.on(database);

  @BeforeAll
  static void start() throws IOException {
    servers.add(ServerProcess.onDatabase(database.url()));
    servers.add(ServerProcess.onDatabase(database.url()));
  }

  @AfterAll
  static void stop() {
    servers.forEach(ServerProcess::close);
  }

  @Test
  void losersOfARaceAreToldAndNoVersionIsLost(@TempDir Path folder)
      throws IOException, InterruptedException, ExecutionException {
    long id = TestProcedures.remember(procedures, "race", "contended").getProcedureId();
    AtomicInteger aborted = new AtomicInteger();
    ConcurrentLinkedQueue<CodeVersion> acknowledged = new ConcurrentLinkedQueue<>();

    all(writer -> {
      ServerProcess server = server(writer);
      for (int save = 0; save < SAVES; save++) {
        acknowledged.add(
            saveWhatWasSeen(server, id, "print(%d, %d)".formatted(writer, save), aborted));
      }
    });

    assertThat(aborted).hasPositiveValue();
    assertThat(acknowledged)
        .extracting(CodeVersion::getVersion)
        .containsExactlyInAnyOrderElementsOf(
            IntStream.rangeClosed(1, WRITERS * SAVES).boxed().toList());
    assertThat(list(id)).containsExactlyInAnyOrderElementsOf(hashes(acknowledged));
    StoredHistories.assertAgree(database.jdbi(), "race", folder.resolve("mirror"));
  }

  @Test
  void writersWhoDoNotMindAllSucceed(@TempDir Path folder)
      throws IOException, InterruptedException, ExecutionException {
    long id = TestProcedures.remember(procedures, "queue", "contended").getProcedureId();
    ConcurrentLinkedQueue<CodeVersion> acknowledged = new ConcurrentLinkedQueue<>();

    all(writer -> {
      for (int save = 0; save < SAVES; save++) {
        acknowledged.add(
            server(writer)
                .save(request(id, "print(%d, %d)".formatted(writer, save)).build())
                .getVersion());
      }
    });

    assertThat(acknowledged)
        .extracting(CodeVersion::getVersion)
        .containsExactlyInAnyOrderElementsOf(
            IntStream.rangeClosed(1, WRITERS * SAVES).boxed().toList());
    assertThat(list(id)).containsExactlyInAnyOrderElementsOf(hashes(acknowledged));
    StoredHistories.assertAgree(database.jdbi(), "queue", folder.resolve("mirror"));
  }

  @Test
  void writersOfDifferentProceduresDoNotMeet(@TempDir Path folder)
      throws IOException, InterruptedException, ExecutionException {
    List<Long> ids =
        IntStream.range(0, WRITERS)
            .mapToObj(i ->
                TestProcedures.remember(procedures, "apart", "procedure " + i).getProcedureId())
            .toList();

    all(writer -> {
      for (int save = 1; save <= SAVES; save++) {
        // The same code everywhere, so that all of them write the same objects.
        CodeVersion version =
            server(writer + save)
                .save(request(ids.get(writer), "print(" + save + ")").build())
                .getVersion();
        assertThat(version.getVersion()).isEqualTo(save);
      }
    });

    ids.forEach(id -> assertThat(list(id)).hasSize(SAVES));
    StoredHistories.assertAgree(database.jdbi(), "apart", folder.resolve("mirror"));
  }

  /** Reads, saves on top of what was read, and begins anew if somebody else was faster. */
  private static CodeVersion saveWhatWasSeen(
      ServerProcess server, long id, String code, AtomicInteger aborted) {
    while (true) {
      String etag =
          server
              .procedures()
              .getProcedure(GetProcedureRequest.newBuilder().setProcedureId(id).build())
              .getProcedure()
              .getEtag();
      try {
        return server.save(request(id, code).setEtag(etag).build()).getVersion();
      } catch (StatusRuntimeException lost) {
        assertThat(lost.getStatus().getCode()).isEqualTo(Status.Code.ABORTED);
        aborted.incrementAndGet();
      }
    }
  }

  private static SaveProcedureCodeRequest.Builder request(long id, String code) {
    return SaveProcedureCodeRequest.newBuilder().setProcedureId(id).setCode(code);
  }

  private static List<String> hashes(Iterable<CodeVersion> versions) {
    List<String> hashes = new ArrayList<>();
    versions.forEach(version -> hashes.add(version.getSha256()));
    return hashes;
  }

  private static List<String> list(long id) {
    return hashes(
        server(0)
            .procedures()
            .listProcedureVersions(
                ListProcedureVersionsRequest.newBuilder()
                    .setProcedureId(id)
                    .setPageSize(1_000)
                    .build())
            .getVersionsList());
  }

  private static ServerProcess server(int number) {
    return servers.get(number % servers.size());
  }

  private interface Writer {
    void write(int number);
  }

  private static void all(Writer writer) throws InterruptedException, ExecutionException {
    List<Future<?>> writers = new ArrayList<>();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int number = 0; number < WRITERS; number++) {
        int own = number;
        writers.add(threads.submit(() -> writer.write(own)));
      }
    }
    for (Future<?> each : writers) {
      each.get();
    }
  }
}
