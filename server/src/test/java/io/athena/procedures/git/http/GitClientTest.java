package io.athena.procedures.git.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.athena.procedures.auth.Authentication;
import io.athena.procedures.code.CodeVersions;
import io.athena.procedures.code.TestCodeVersions;
import io.athena.procedures.code.VersionTags;
import io.athena.procedures.config.ServerConfig;
import io.athena.procedures.db.AnsweredRequests;
import io.athena.procedures.db.TestDatabase;
import io.athena.procedures.git.GitRepositories;
import io.athena.procedures.procedure.Procedures;
import io.athena.procedures.procedure.TestProcedures;
import io.athena.procedures.rpc.TestCertificate;
import io.athena.procedures.v1.CodeVersion;
import io.athena.procedures.v1.ForgetProcedureRequest;
import io.athena.procedures.v1.SaveProcedureCodeRequest;
import io.athena.procedures.v1.TagProcedureVersionRequest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The ordinary git client reads what was saved. */
@ParameterizedClass
@EnumSource(ServerConfig.Transport.class)
final class GitClientTest {
  @RegisterExtension static final TestDatabase database = TestDatabase.create();

  /** Of "open sesame". */
  private static final String DIGEST =
      "41ef4bb0b23661e66301aac36066912dac037827b4ae63a7b1165a5aa93ed4eb";

  private static final AtomicInteger PROJECTS = new AtomicInteger();

  private final ServerConfig.Transport transport;
  private final AnsweredRequests answeredRequests =
      new AnsweredRequests(database.jdbi(), Clock.systemUTC());
  private final Procedures procedures = TestProcedures.on(database);
  private final CodeVersions codeVersions = TestCodeVersions.on(database);
  private final VersionTags tags = new VersionTags(answeredRequests);
  private final GitRepositories repositories = new GitRepositories(database.jdbi());
  private final String project = "shop-" + PROJECTS.incrementAndGet();

  @TempDir private Path folder;
  private GitServer server;
  private GitClient git;

  GitClientTest(ServerConfig.Transport transport) {
    this.transport = transport;
  }

  @BeforeEach
  void start() throws Exception {
    server = GitServer.start(transport, Map.of(), repositories::open, authorization -> {});
    git = new GitClient(folder);
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private long remember(String name) {
    return TestProcedures.remember(procedures, project, name).getProcedureId();
  }

  private CodeVersion save(long id, String code, String message) {
    return codeVersions
        .save(
            SaveProcedureCodeRequest.newBuilder()
                .setProcedureId(id)
                .setCode(code)
                .setAuthor("Ada <ada@example.org>")
                .setMessage(message)
                .build())
        .getVersion();
  }

  /** A procedure with so many versions. */
  private long rememberWithVersions(String name, int versions) {
    long id = remember(name);
    for (int version = 1; version <= versions; version++) {
      save(id, "print(" + version + ")\n", "Print " + version);
    }
    return id;
  }

  @Test
  void aCloneHasHistoryDiffsAndTagsAndIsSound() throws Exception {
    long id = remember("sums");
    CodeVersion first = save(id, "print(1)\n", "Begin");
    CodeVersion second = save(id, "print(1)\nprint('zwölf')\n", "Go on");
    tags.tag(
        TagProcedureVersionRequest.newBuilder()
            .setProcedureId(id)
            .setVersion("v1")
            .setTag("stable")
            .build());
    String branch = "procedures/" + id;

    assertThat(git.run("clone", server.url(project), "clone")).doesNotContain("warning");
    GitClient clone = new GitClient(folder.resolve("clone"));
    assertThat(clone.run("log", "--format=%H %an %s", branch).lines())
        .containsExactly(second.getCommitId() + " Ada Go on", first.getCommitId() + " Ada Begin");
    assertThat(clone.run("show", branch + "/stable:main.py")).isEqualTo("print(1)");
    assertThat(clone.run("diff", branch + "/v1", branch + "/v2"))
        .contains("+print('zwölf')")
        .doesNotContain("procedure.json");
    assertThat(clone.run("fsck", "--full", "--strict")).isEmpty();
    assertThat(Files.readString(folder.resolve("clone/main.py"))).contains("zwölf");
  }

  /** As the documentation says it. */
  @Test
  void theHistoryOfEachProcedureHasItsNameInAClone() throws Exception {
    long first = rememberWithVersions("first", 2);
    long second = rememberWithVersions("second", 3);
    String url = server.url(project);

    git.run("clone", "-b", "procedures/" + second, url, "one");
    assertThat(log("one", second)).containsExactly("Print 3", "Print 2", "Print 1");

    // Without a branch of its own for each, git tries what is under refs/remotes.
    git.run(
        "clone",
        "-c",
        "remote.origin.fetch=+refs/heads/procedures/*:refs/remotes/procedures/*",
        url,
        "all");
    assertThat(log("all", first)).containsExactly("Print 2", "Print 1");
    assertThat(log("all", second)).containsExactly("Print 3", "Print 2", "Print 1");
    save(second, "print('new')\n", "Something new");
    new GitClient(folder.resolve("all")).run("fetch");
    assertThat(log("all", second)).startsWith("Something new");

    git.run("clone", url, "plain");
    assertThat(new GitClient(folder.resolve("plain")).run("symbolic-ref", "HEAD"))
        .as("the first branch by name")
        .isEqualTo(
            "refs/heads/procedures/"
                + List.of(first, second).stream()
                    .map(String::valueOf)
                    .sorted()
                    .toList()
                    .getFirst());
    assertThat(log("plain", "origin/procedures/" + second)).startsWith("Something new");
  }

  private List<String> log(String clone, long procedureId) throws Exception {
    return log(clone, "procedures/" + procedureId);
  }

  private List<String> log(String clone, String branch) throws Exception {
    return new GitClient(folder.resolve(clone))
        .run("log", "--format=%s", branch)
        .lines()
        .filter(line -> !line.startsWith("warning: refname"))
        .toList();
  }

  @Test
  void aMirrorHasEveryProcedureOfTheProjectAndNoOther() throws Exception {
    // So many that git packs its request.
    List<Long> ids =
        List.of("a", "b", "c", "d", "e", "f", "g", "h", "i", "j").stream()
            .map(name -> rememberWithVersions(name, 3))
            .toList();
    TestProcedures.remember(procedures, project + "-other", "hidden");

    GitClient.Said said =
        git.attempt(
            Map.of("GIT_TRACE_CURL", "1"), "clone", "--mirror", server.url(project), "mirror");
    assertThat(said.exitCode()).as(said.text()).isZero();
    assertThat(said.text()).containsIgnoringCase("Content-Encoding: gzip");
    GitClient mirror = new GitClient(folder.resolve("mirror"));
    assertThat(mirror.run("fsck", "--full", "--strict")).isEmpty();
    assertThat(mirror.run("for-each-ref", "--format=%(refname)", "refs/heads").lines())
        .containsExactlyInAnyOrderElementsOf(
            ids.stream().map(id -> "refs/heads/procedures/" + id).toList());
    assertThat(mirror.run("tag").lines()).hasSize(30);
    for (long id : ids) {
      assertThat(mirror.run("log", "--format=%s", "procedures/" + id).lines())
          .containsExactly("Print 3", "Print 2", "Print 1");
    }
  }

  /** More than is read from the database at once. */
  @Test
  void largeCodeArrivesWhole() throws Exception {
    long id = remember("large");
    Random random = new Random(1);
    for (int version = 1; version <= 6; version++) {
      byte[] noise = new byte[500_000];
      random.nextBytes(noise);
      save(id, "# " + HexFormat.of().formatHex(noise) + "\n", "Noise");
    }
    git.run("clone", "--mirror", server.url(project), "mirror");
    GitClient mirror = new GitClient(folder.resolve("mirror"));
    assertThat(mirror.run("fsck", "--full", "--strict")).isEmpty();
    assertThat(mirror.run("cat-file", "-s", "procedures/" + id + ":main.py")).isEqualTo("1000003");
  }

  @Test
  void aFetchBringsOnlyWhatIsNew() throws Exception {
    long id = rememberWithVersions("growing", 20);
    git.run("clone", "--mirror", server.url(project), "mirror");
    GitClient mirror = new GitClient(folder.resolve("mirror"));
    assertThat(looseObjects(mirror)).isZero();
    save(id, "print('new')\n", "Something new");

    mirror.run("fetch");
    assertThat(mirror.run("log", "--format=%s", "-1", "procedures/" + id))
        .isEqualTo("Something new");
    // Commit, tree and code; the definition is as it was. So few are kept one by one.
    assertThat(looseObjects(mirror)).isEqualTo(3);
    assertThat(mirror.run("fetch")).isEmpty();
    assertThat(mirror.run("fsck", "--full", "--strict")).isEmpty();
  }

  private static int looseObjects(GitClient client) throws Exception {
    return Integer.parseInt(client.run("count-objects").replaceFirst(" .*", ""));
  }

  @Test
  void aForgottenProcedureGoesFromItsMirrors() throws Exception {
    rememberWithVersions("kept", 1);
    long forgotten = rememberWithVersions("forgotten", 2);
    git.run("clone", "--mirror", server.url(project), "mirror");
    procedures.forget(ForgetProcedureRequest.newBuilder().setProcedureId(forgotten).build());

    GitClient mirror = new GitClient(folder.resolve("mirror"));
    mirror.run("fetch", "--prune");
    assertThat(mirror.run("for-each-ref", "--format=%(refname)"))
        .doesNotContain("procedures/" + forgotten);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 2})
  void aShallowCloneBeginsAtItsDepthAndIsDeepened(int protocol) throws Exception {
    long id = rememberWithVersions("deep", 5);
    String branch = "procedures/" + id;
    git.run(
        "-c", "protocol.version=" + protocol, "clone", "--depth=2", server.url(project), "clone");
    GitClient clone = new GitClient(folder.resolve("clone"));
    assertThat(clone.run("log", "--format=%s", branch).lines())
        .containsExactly("Print 5", "Print 4");
    clone.run("-c", "protocol.version=" + protocol, "fetch", "--unshallow");
    assertThat(clone.run("log", "--format=%s", branch).lines()).hasSize(5);
    assertThat(clone.run("fsck", "--full", "--strict")).isEmpty();
  }

  @Test
  void deepeningFromTheBoundaryIsRefusedInWords() throws Exception {
    rememberWithVersions("deep", 5);
    git.run("clone", "--depth=1", server.url(project), "clone");
    GitClient.Said said = new GitClient(folder.resolve("clone")).attempt("fetch", "--deepen=1");
    assertThat(said.exitCode()).isNotZero();
    assertThat(said.text()).contains("--deepen is not supported by this server; use --depth");
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2})
  void aCloneOfOneBranchHasNoOther(int protocol) throws Exception {
    rememberWithVersions("other", 2);
    long id = rememberWithVersions("wanted", 2);
    git.run(
        "-c",
        "protocol.version=" + protocol,
        "clone",
        "--single-branch",
        "-b",
        "procedures/" + id,
        server.url(project),
        "clone");
    GitClient clone = new GitClient(folder.resolve("clone"));
    assertThat(clone.run("branch", "-r", "--format=%(refname)"))
        .isEqualTo("refs/remotes/origin/procedures/" + id);
    assertThat(clone.run("rev-list", "--count", "--all")).isEqualTo("2");
    assertThat(clone.run("tag").lines())
        .containsExactly("procedures/" + id + "/v1", "procedures/" + id + "/v2");
  }

  @Test
  void aProjectWithoutCodeIsAnEmptyRepository() throws Exception {
    remember("codeless");
    assertThat(git.run("clone", server.url(project), "clone")).contains("empty repository");
  }

  @Test
  void aProjectThatIsNotThereIsNamed() throws Exception {
    GitClient.Said said = git.attempt("clone", server.url("nowhere"), "clone");
    assertThat(said.exitCode()).isNotZero();
    assertThat(said.text()).contains("remote: there is no project 'nowhere'").contains("not found");
  }

  @Test
  void aCommitThatIsNotThereIsNamed() throws Exception {
    rememberWithVersions("small", 1);
    git.run("init", "-q", "empty");
    String nothing = "0123456789012345678901234567890123456789";
    GitClient.Said said =
        new GitClient(folder.resolve("empty")).attempt("fetch", server.url(project), nothing);
    assertThat(said.exitCode()).isNotZero();
    assertThat(said.text()).contains("remote error: want " + nothing + " not valid");
  }

  @Test
  void aPushIsRefusedWithWhatToDoInstead() throws Exception {
    long id = rememberWithVersions("record", 1);
    git.run("clone", server.url(project), "clone");
    GitClient clone = new GitClient(folder.resolve("clone"));
    GitClient.Said said = clone.attempt("push", "origin", "HEAD:refs/heads/procedures/" + id + "9");
    assertThat(said.exitCode()).isNotZero();
    assertThat(said.text()).contains("remote: push is refused").contains("SaveProcedureCode");
  }

  @Test
  void theOldProtocolIsRefusedInWords() throws Exception {
    rememberWithVersions("old", 1);
    GitClient.Said said =
        git.attempt(Map.of("GIT_SMART_HTTP", "0"), "clone", server.url(project), "clone");
    assertThat(said.exitCode()).isNotZero();
    assertThat(said.text()).contains("remote: only git's smart HTTP protocol is spoken here");
  }

  @Test
  void whoeverHasATokenSendsItAsThePassword() throws Exception {
    rememberWithVersions("secret", 1);
    Path tokens = Files.writeString(folder.resolve("tokens"), "ada:" + DIGEST + "\n");
    try (GitServer guarded =
        GitServer.start(transport, Map.of(), repositories::open, Authentication.of(tokens))) {
      String url = guarded.url(project);
      GitClient.Said stranger = git.attempt("clone", url, "clone");
      assertThat(stranger.exitCode()).isNotZero();
      assertThat(stranger.text()).contains("could not read Username");
      GitClient.Said liar =
          git.attempt("clone", url.replace("://", "://ada:close%20sesame@"), "clone");
      assertThat(liar.exitCode()).isNotZero();
      assertThat(liar.text()).contains("Authentication failed");
      git.run("clone", url.replace("://", "://ada:open%20sesame@"), "clone");
      git.run("-c", "http.extraHeader=Authorization: Bearer open sesame", "clone", url, "bearer");
      assertThat(folder.resolve("bearer/main.py")).exists();
    }
  }

  /** Git asks for HTTP/2 there, and gets it where Helidon serves both. */
  @Test
  void overTlsToo() throws Exception {
    long id = rememberWithVersions("private", 30);
    TestCertificate certificate = TestCertificate.make(folder);
    Map<String, String> settings =
        Map.of(
            "server.tls.certificate",
            certificate.certificate().toString(),
            "server.tls.private-key",
            certificate.key().toString());
    try (GitServer secured =
        GitServer.start(transport, settings, repositories::open, authorization -> {})) {
      GitClient.Said said =
          git.attempt(
              Map.of("GIT_SSL_CAINFO", certificate.certificate().toString(), "GIT_TRACE_CURL", "1"),
              "clone",
              "--mirror",
              secured.url(project),
              "mirror");
      assertThat(said.exitCode()).as(said.text()).isZero();
      assertThat(said.text())
          .containsIgnoringCase(
              transport == ServerConfig.Transport.HELIDON ? "<= Recv header: HTTP/2" : "HTTP/1.1");
      GitClient mirror = new GitClient(folder.resolve("mirror"));
      assertThat(mirror.run("rev-list", "--count", "procedures/" + id)).isEqualTo("30");
      assertThat(mirror.run("fsck", "--full", "--strict")).isEmpty();
    }
  }
}
