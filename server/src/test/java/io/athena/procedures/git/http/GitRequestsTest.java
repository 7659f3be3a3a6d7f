package io.athena.procedures.git.http;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.athena.procedures.config.ServerConfig;
import io.athena.procedures.error.NotFoundException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.zip.GZIPOutputStream;
import org.eclipse.jgit.internal.storage.dfs.DfsRepositoryDescription;
import org.eclipse.jgit.internal.storage.dfs.InMemoryRepository;
import org.eclipse.jgit.lib.CommitBuilder;
import org.eclipse.jgit.lib.Constants;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.lib.ObjectInserter;
import org.eclipse.jgit.lib.PersonIdent;
import org.eclipse.jgit.lib.RefUpdate;
import org.eclipse.jgit.lib.Repository;
import org.eclipse.jgit.lib.TreeFormatter;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What no git client sends. */
@ParameterizedClass
@EnumSource(ServerConfig.Transport.class)
final class GitRequestsTest {
  private static final String LS_REFS = "0014command=ls-refs\n0000";
  private static final int LARGEST = 4096;

  private final ServerConfig.Transport transport;
  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final Repository repository =
      new InMemoryRepository(new DfsRepositoryDescription("project"));
  private GitServer server;

  GitRequestsTest(ServerConfig.Transport transport) {
    this.transport = transport;
  }

  @BeforeEach
  void start() throws Exception {
    server = start(this::open);
  }

  private GitServer start(Repositories repositories) throws Exception {
    return GitServer.start(
        transport,
        Map.of(
            "server.git.max-request-size",
            LARGEST + "B",
            "server.git.max-concurrent-fetches",
            "1",
            "server.git.stall-timeout",
            "300ms",
            "server.git.max-fetch-duration",
            "20s"),
        repositories,
        authorization -> {});
  }

  private Repository open(String project) {
    if (!project.equals("known")) {
      throw new NotFoundException("PROJECT_NOT_FOUND", "there is no such project", Map.of());
    }
    repository.incrementOpen();
    return repository;
  }

  @AfterEach
  void stop() {
    server.close();
    http.close();
  }

  private HttpResponse<String> post(byte[] body, String... headers) throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(server.url("known") + "/git-upload-pack"))
            .timeout(Duration.ofSeconds(20))
            .POST(HttpRequest.BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(body)))
            .header("Content-Type", "application/x-git-upload-pack-request")
            .header("Git-Protocol", "version=2");
    if (headers.length > 0) {
      request.headers(headers);
    }
    return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  private static byte[] gzip(byte[] content) throws IOException {
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (GZIPOutputStream out = new GZIPOutputStream(packed)) {
      out.write(content);
    }
    return packed.toByteArray();
  }

  private static byte[] haves(int count) {
    return ("0032have " + "1".repeat(40) + "\n").repeat(count).getBytes(US_ASCII);
  }

  @Test
  void aRequestMayBePacked() throws Exception {
    HttpResponse<String> answer =
        post(gzip(LS_REFS.getBytes(US_ASCII)), "Content-Encoding", "gzip");
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.body()).isEqualTo("0000");
    assertThat(answer.headers().firstValue("Content-Type"))
        .contains("application/x-git-upload-pack-result");
    assertThat(answer.headers().firstValue("Cache-Control")).contains("no-cache, max-age=0");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "zzzz",
        "0003",
        "fff5",
        "00",
        "0014command=ls-refs",
        "0014command=ls-refs\n00",
        "0012command=dance\n0000",
        "0012command=fetch\n0001000fwant nobody0000",
        "0012command=fetch\n00010032want zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz\n0000",
        "0012command=fetch\n0001000ddeepen x\n0000",
      })
  void whatIsNotTheProtocolIsABadRequest(String body) throws Exception {
    HttpResponse<String> answer = post(body.getBytes(US_ASCII));
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(400);
    assertThat(answer.body()).contains("the request is not of git's protocol: ");
    assertThat(post(LS_REFS.getBytes(US_ASCII)).statusCode()).isEqualTo(200);
  }

  @Test
  void whatIsNoGzipStreamIsABadRequest() throws Exception {
    HttpResponse<String> answer = post(LS_REFS.getBytes(US_ASCII), "Content-Encoding", "gzip");
    assertThat(answer.statusCode()).isEqualTo(400);
    assertThat(answer.body()).contains("no valid gzip stream");
  }

  @Test
  void anEncodingThatIsNotKnownIsRefused() throws Exception {
    assertThat(post(LS_REFS.getBytes(US_ASCII), "Content-Encoding", "br").statusCode())
        .isEqualTo(400);
  }

  @Test
  void aRequestAboveTheLimitIsRefusedPackedOrNot() throws Exception {
    byte[] large = haves(LARGEST / 50 + 1);
    HttpResponse<String> plain = post(large);
    assertThat(plain.statusCode()).isEqualTo(413);
    assertThat(plain.body())
        .contains("more than 4,096 bytes")
        .contains("server.git.max-request-size");
    // 20 MB that arrive as 20 kB.
    HttpResponse<String> packed = post(gzip(haves(400_000)), "Content-Encoding", "gzip");
    assertThat(packed.statusCode()).isEqualTo(413);
  }

  /** Refused before any handler sees it. */
  @Test
  void anAddressThatIsTooLongIsRefusedInWords() throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(server.url("a".repeat(5_000)) + "/info/refs")).build();
    HttpResponse<String> answer = http.send(request, HttpResponse.BodyHandlers.ofString());
    assertThat(answer.statusCode()).isBetween(400, 414);
    assertThat(answer.body()).isNotBlank();
  }

  @Test
  void aTypeThatIsNotGitsIsRefused() throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(server.url("known") + "/git-upload-pack"))
            .POST(HttpRequest.BodyPublishers.ofString(LS_REFS))
            .header("Content-Type", "text/plain")
            .build();
    HttpResponse<String> answer = http.send(request, HttpResponse.BodyHandlers.ofString());
    assertThat(answer.statusCode()).isEqualTo(415);
    assertThat(answer.body()).contains("application/x-git-upload-pack-request");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/git/../metrics/../git/unknown.git/info/refs?service=git-upload-pack",
        "/git/..%2f..%2fetc%2fpasswd.git/info/refs?service=git-upload-pack",
        "/git/%2e%2e/%2e%2e/known.git/info/refs?service=git-upload-pack",
        "/git/known.git/../unknown.git/info/refs?service=git-upload-pack",
        "/git//known.git//..//info/refs?service=git-upload-pack",
        "/git/known%00.git/info/refs?service=git-upload-pack",
        "/git/known.git%2finfo%2frefs%3fservice=git-upload-pack",
        "/git/known.git/info/refs;/x?service=git-upload-pack",
        "/git/%zz.git/info/refs?service=git-upload-pack",
      })
  void tricksWithThePathFindNothing(String path) throws Exception {
    String request = "GET " + path + " HTTP/1.1\r\nHost: localhost\r\n\r\n";
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
      socket.setSoTimeout(20_000);
      socket.getOutputStream().write(request.getBytes(US_ASCII));
      String status = new String(socket.getInputStream().readNBytes(12), US_ASCII);
      assertThat(status).isIn("HTTP/1.1 400", "HTTP/1.1 403", "HTTP/1.1 404");
    }
  }

  @Test
  void aRequestThatFailsInsideIsToldWithTheNumberOfItsIncident() throws Exception {
    try (GitServer broken =
        start(project -> {
          throw new IOException("the secret place cannot be read");
        })) {
      HttpRequest request =
          HttpRequest.newBuilder(
                  URI.create(broken.url("known") + "/info/refs?service=git-upload-pack"))
              .build();
      HttpResponse<String> answer = http.send(request, HttpResponse.BodyHandlers.ofString());
      assertThat(answer.statusCode()).isEqualTo(500);
      assertThat(answer.body())
          .contains("internal error 0000000000000abc")
          .doesNotContain("secret");
    }
  }

  @Test
  void oneAboveTheLimitOfFetchesIsSentAwayUntilAPlaceIsFree() throws Exception {
    CountDownLatch taken = new CountDownLatch(1);
    CountDownLatch release = new CountDownLatch(1);
    try (GitServer busy =
        start(project -> {
          taken.countDown();
          awaited(release);
          return open(project);
        })) {
      HttpRequest request =
          HttpRequest.newBuilder(
                  URI.create(busy.url("known") + "/info/refs?service=git-upload-pack"))
              .build();
      CompletableFuture<HttpResponse<String>> first =
          http.sendAsync(request, HttpResponse.BodyHandlers.ofString());
      assertThat(awaited(taken)).isTrue();
      HttpResponse<String> second = http.send(request, HttpResponse.BodyHandlers.ofString());
      assertThat(second.statusCode()).isEqualTo(429);
      assertThat(second.headers().firstValue("Retry-After")).contains("5");
      assertThat(second.body()).contains("has 1 requests of git clients under way");
      release.countDown();
      assertThat(first.get(20, TimeUnit.SECONDS).statusCode()).isEqualTo(200);
      assertThat(http.send(request, HttpResponse.BodyHandlers.ofString()).statusCode())
          .isEqualTo(200);
      assertThat(busy.git.drain(Duration.ofSeconds(20))).isTrue();
      HttpResponse<String> late = http.send(request, HttpResponse.BodyHandlers.ofString());
      assertThat(late.statusCode()).isEqualTo(503);
      assertThat(late.body()).contains("shutting down");
    }
  }

  private static boolean awaited(CountDownLatch latch) {
    try {
      return latch.await(20, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  /** The place of who stalls is the only one there is. */
  @Test
  void aClientThatSendsNoMoreIsCutOff() throws Exception {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
      socket.setSoTimeout(20_000);
      head(socket.getOutputStream(), 100);
      socket.getOutputStream().write("0014comm".getBytes(US_ASCII));
      assertThat(end(socket.getInputStream())).isLessThanOrEqualTo(0);
    }
    assertThat(post(LS_REFS.getBytes(US_ASCII)).statusCode()).isEqualTo(200);
  }

  @Test
  void aClientThatDoesNotReadIsCutOff() throws Exception {
    ObjectId commit = commitOf(new byte[32 << 20]);
    String fetch =
        "0011command=fetch0001000fno-progress0032want %s\n0009done\n0000".formatted(commit.name());
    try (Socket socket = new Socket()) {
      socket.setReceiveBufferSize(4096);
      socket.setSoTimeout(20_000);
      socket.connect(
          new java.net.InetSocketAddress(InetAddress.getLoopbackAddress(), server.port()));
      head(socket.getOutputStream(), fetch.length());
      socket.getOutputStream().write(fetch.getBytes(US_ASCII));
      assertThat(socket.getInputStream().read()).isEqualTo('H');
      // Its place becomes free although it has read nothing more.
      assertThat(server.git.drain(Duration.ofSeconds(20))).isTrue();
      long rest = socket.getInputStream().transferTo(OutputStream.nullOutputStream());
      assertThat(rest).isLessThan(32 << 20);
    } catch (java.net.SocketException reset) {
      assertThat(reset).hasMessageContaining("reset");
    }
  }

  private static void head(OutputStream out, int length) throws IOException {
    out.write(
        """
        POST /git/known.git/git-upload-pack HTTP/1.1
        Host: localhost
        Git-Protocol: version=2
        Content-Type: application/x-git-upload-pack-request
        Content-Length: %d

        """
            .formatted(length)
            .replace("\n", "\r\n")
            .getBytes(US_ASCII));
  }

  /** The end of the stream, or a reset. */
  private static int end(InputStream in) throws IOException {
    try {
      return in.read();
    } catch (java.net.SocketException _) {
      return 0;
    }
  }

  /** A commit with one file of noise, so that it does not become small on the way. */
  private ObjectId commitOf(byte[] content) throws IOException {
    new java.util.Random(1).nextBytes(content);
    try (ObjectInserter inserter = repository.newObjectInserter()) {
      TreeFormatter tree = new TreeFormatter();
      tree.append(
          "main.py",
          org.eclipse.jgit.lib.FileMode.REGULAR_FILE,
          inserter.insert(Constants.OBJ_BLOB, content));
      CommitBuilder commit = new CommitBuilder();
      commit.setTreeId(inserter.insert(tree));
      commit.setAuthor(new PersonIdent("a", "a@b"));
      commit.setCommitter(new PersonIdent("a", "a@b"));
      ObjectId id = inserter.insert(commit);
      inserter.flush();
      RefUpdate update = repository.updateRef("refs/heads/procedures/1");
      update.setNewObjectId(id);
      assertThat(update.forceUpdate()).isEqualTo(RefUpdate.Result.NEW);
      return id;
    }
  }
}
