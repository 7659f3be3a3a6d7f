package io.athena.procedures.code;

import static org.assertj.core.api.Assertions.assertThat;

import io.athena.procedures.code.PlainGit.History;
import io.athena.procedures.db.AnsweredRequests;
import io.athena.procedures.db.TestDatabase;
import io.athena.procedures.git.Git;
import io.athena.procedures.git.GitRepositories;
import io.athena.procedures.git.Mirror;
import io.athena.procedures.procedure.Definitions;
import io.athena.procedures.procedure.Procedures;
import io.athena.procedures.procedure.TestProcedures;
import io.athena.procedures.v1.CodeVersion;
import io.athena.procedures.v1.DiffProcedureVersionsRequest;
import io.athena.procedures.v1.DiffProcedureVersionsResponse;
import io.athena.procedures.v1.ForgetProcedureRequest;
import io.athena.procedures.v1.GetProcedureVersionRequest;
import io.athena.procedures.v1.ListProcedureVersionsRequest;
import io.athena.procedures.v1.Procedure;
import io.athena.procedures.v1.RollbackProcedureCodeRequest;
import io.athena.procedures.v1.RollbackProcedureCodeResponse;
import io.athena.procedures.v1.SaveProcedureCodeRequest;
import io.athena.procedures.v1.SaveProcedureCodeResponse;
import io.athena.procedures.v1.TagProcedureVersionRequest;
import io.athena.procedures.v1.UntagProcedureVersionRequest;
import io.athena.procedures.v1.UpdateProcedureRequest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.lifecycle.AfterContainer;
import org.eclipse.jgit.diff.DiffAlgorithm;
import org.eclipse.jgit.diff.DiffAlgorithm.SupportedAlgorithm;
import org.eclipse.jgit.diff.DiffFormatter;
import org.eclipse.jgit.lib.Repository;
import org.eclipse.jgit.storage.file.FileRepositoryBuilder;
import org.eclipse.jgit.treewalk.filter.PathFilter;

/** Whatever is done, the repository is the one that git itself makes of the same operations. */
class HistoryPropertyTest {
  private static final TestDatabase DATABASE = TestDatabase.create();
  private static final AtomicInteger PROJECTS = new AtomicInteger();

  private final AnsweredRequests answeredRequests =
      new AnsweredRequests(DATABASE.jdbi(), Clock.systemUTC());
  private final Procedures procedures = TestProcedures.on(DATABASE);
  private final CodeVersions codeVersions = TestCodeVersions.on(DATABASE);
  private final VersionTags versionTags = new VersionTags(answeredRequests);

  @AfterContainer
  static void close() {
    DATABASE.close();
  }

  @Property(tries = 60)
  void theRepositoryIsTheOneThatGitMakes(@ForAll("operations") List<Operation> operations)
      throws IOException {
    String project = "p" + PROJECTS.incrementAndGet();
    PlainGit plain = new PlainGit();
    List<History> histories = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      histories.add(remember(project, plain));
    }
    for (Operation operation : operations) {
      History history = histories.get(operation.procedure());
      apply(operation, history);
      if (operation instanceof Operation.Forget) {
        plain.forget(history);
        histories.set(operation.procedure(), remember(project, plain));
      }
    }

    Path folder = Files.createTempDirectory("athena-history");
    try {
      Path disk = plain.write(folder.resolve("plain"));
      Mirror mirror =
          Mirror.of(new GitRepositories(DATABASE.jdbi()).open(project), folder.resolve("mirror"));

      mirror.assertSound();
      assertThat(mirror.git("for-each-ref")).isEqualTo(Git.in(disk, "for-each-ref"));
      for (History history : histories) {
        assertListed(history);
        assertSameDiffs(history, disk);
      }
    } finally {
      delete(folder);
    }
  }

  private History remember(String project, PlainGit plain) {
    String name = "procedure " + PROJECTS.incrementAndGet();
    return plain.begin(TestProcedures.remember(procedures, project, name).getProcedureId());
  }

  private void apply(Operation operation, History history) {
    long id = history.procedureId();
    int versions = history.versions().size();
    switch (operation) {
      case Operation.Save save -> save(save, history);
      case Operation.Describe(int _, String description) ->
          procedures.update(
              UpdateProcedureRequest.newBuilder()
                  .setProcedure(
                      Procedure.newBuilder().setProcedureId(id).setDescription(description))
                  .build());
      case Operation.Rollback rollback when versions > 0 -> rollback(rollback, history);
      case Operation.Tag(int _, int target, String tag) when versions > 0 -> {
        int version = 1 + target % versions;
        versionTags.tag(
            TagProcedureVersionRequest.newBuilder()
                .setProcedureId(id)
                .setVersion("v" + version)
                .setTag(tag)
                .setMove(true)
                .build());
        history.tags().put(tag, version);
      }
      case Operation.Untag(int _, String tag) when history.tags().containsKey(tag) -> {
        versionTags.untag(
            UntagProcedureVersionRequest.newBuilder().setProcedureId(id).setTag(tag).build());
        history.tags().remove(tag);
      }
      case Operation.Forget _ ->
          procedures.forget(ForgetProcedureRequest.newBuilder().setProcedureId(id).build());
      case Operation.Rollback _, Operation.Tag _, Operation.Untag _ -> {}
    }
  }

  private void save(Operation.Save save, History history) {
    Procedure procedure = procedures.get(history.procedureId());
    SaveProcedureCodeResponse response =
        codeVersions.save(
            SaveProcedureCodeRequest.newBuilder()
                .setProcedureId(history.procedureId())
                .setCode(save.code())
                .setAuthor(save.author().given())
                .setMessage(save.message())
                .build());
    assertThat(response.getCreated())
        .isEqualTo(history.versions().isEmpty() || !history.current().code().equals(save.code()));
    if (response.getCreated()) {
      add(
          history,
          response.getVersion(),
          save.code(),
          Definitions.document(procedure),
          save.author(),
          save.message().isEmpty()
              ? "Save version " + (history.versions().size() + 1)
              : save.message());
    }
  }

  private void rollback(Operation.Rollback rollback, History history) {
    int target = 1 + rollback.target() % history.versions().size();
    PlainGit.Version restored = history.versions().get(target - 1);
    boolean expected = !restored.code().equals(history.current().code());
    RollbackProcedureCodeResponse response =
        codeVersions.rollback(
            RollbackProcedureCodeRequest.newBuilder()
                .setProcedureId(history.procedureId())
                .setTargetVersion("v" + target)
                .setReason(rollback.reason())
                .build());
    assertThat(response.getCreated()).isEqualTo(expected);
    if (expected) {
      assertThat(response.getVersion().getRolledBackTo()).isEqualTo(target);
      String reason = rollback.reason().isEmpty() ? "" : ": " + rollback.reason();
      add(
          history,
          response.getVersion(),
          restored.code(),
          restored.definition(),
          new Operation.Author("", "the caller <>"),
          "Roll back to v" + target + reason);
    }
  }

  private static void add(
      History history,
      CodeVersion version,
      String code,
      String definition,
      Operation.Author author,
      String message) {
    history
        .versions()
        .add(
            new PlainGit.Version(
                code, definition, author.ident(), version.getCreateTime().getSeconds(), message));
    assertThat(version.getVersion()).isEqualTo(history.versions().size());
  }

  private void assertListed(History history) {
    List<CodeVersion> listed =
        codeVersions
            .list(
                ListProcedureVersionsRequest.newBuilder()
                    .setProcedureId(history.procedureId())
                    .build())
            .rows();
    int newest = history.versions().size();
    assertThat(listed)
        .extracting(CodeVersion::getVersion)
        .containsExactlyElementsOf(
            IntStream.range(0, newest).map(i -> newest - i).boxed().toList());
    for (CodeVersion version : listed) {
      assertThat(version.getTagsList())
          .containsExactlyElementsOf(
              history.tags().entrySet().stream()
                  .filter(tag -> tag.getValue() == version.getVersion())
                  .map(tag -> tag.getKey())
                  .toList());
      CodeVersion byCommit =
          codeVersions.get(
              GetProcedureVersionRequest.newBuilder()
                  .setProcedureId(history.procedureId())
                  .setVersion(version.getCommitId().substring(0, 12))
                  .build());
      assertThat(byCommit.getVersion()).isEqualTo(version.getVersion());
      assertThat(byCommit.getCode())
          .isEqualTo(history.versions().get(version.getVersion() - 1).code());
    }
  }

  /**
   * Git has several diffs to choose from where lines repeat, so the text is compared with JGit's on
   * the repository on disk, and with git's own what the lines added and removed come to.
   */
  private void assertSameDiffs(History history, Path disk) throws IOException {
    int newest = history.versions().size();
    for (int from = Math.max(1, newest - 3); from < newest; from++) {
      String older = "refs/tags/procedures/" + history.procedureId() + "/v" + from;
      String newer = "refs/tags/procedures/" + history.procedureId() + "/v" + newest;
      DiffProcedureVersionsResponse diff =
          codeVersions.diff(
              DiffProcedureVersionsRequest.newBuilder()
                  .setProcedureId(history.procedureId())
                  .setFromVersion("v" + from)
                  .setToVersion("v" + newest)
                  .setContextLines(2)
                  .build());
      assertThat(diff.getDiff()).isEqualTo(diffOnDisk(disk, older, newer));
      String counts =
          Git.in(disk, "diff", "--histogram", "--numstat", older, newer, "--", "main.py");
      assertThat(counts.isEmpty()).isEqualTo(diff.getDiff().isEmpty());
      if (!counts.isEmpty()) {
        String[] lines = counts.split("\t", 3);
        assertThat(diff.getLinesAdded() - diff.getLinesRemoved())
            .isEqualTo(Integer.parseInt(lines[0]) - Integer.parseInt(lines[1]));
      }
    }
  }

  private static String diffOnDisk(Path disk, String older, String newer) throws IOException {
    var text = new ByteArrayOutputStream();
    try (Repository repository = new FileRepositoryBuilder().setGitDir(disk.toFile()).build();
        DiffFormatter formatter = new DiffFormatter(text)) {
      formatter.setRepository(repository);
      formatter.setPathFilter(PathFilter.create("main.py"));
      formatter.setDiffAlgorithm(DiffAlgorithm.getAlgorithm(SupportedAlgorithm.HISTOGRAM));
      formatter.setContext(2);
      formatter.format(
          repository.resolve(older + "^{tree}"), repository.resolve(newer + "^{tree}"));
    }
    String diff = text.toString(StandardCharsets.UTF_8);
    return diff.substring(Math.max(0, diff.indexOf("---")));
  }

  private static void delete(Path folder) throws IOException {
    try (var paths = Files.walk(folder)) {
      for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }

  @Provide
  Arbitrary<List<Operation>> operations() {
    return Operation.sequences();
  }
}
