package io.athena.procedures.code;

import static org.assertj.core.api.Assertions.assertThat;

import io.athena.procedures.db.AnsweredRequests;
import io.athena.procedures.db.TestDatabase;
import io.athena.procedures.git.GitRepositories;
import io.athena.procedures.git.Mirror;
import io.athena.procedures.procedure.Procedures;
import io.athena.procedures.procedure.TestProcedures;
import io.athena.procedures.v1.CodeVersion;
import io.athena.procedures.v1.ForgetProcedureRequest;
import io.athena.procedures.v1.Procedure;
import io.athena.procedures.v1.RollbackProcedureCodeRequest;
import io.athena.procedures.v1.RollbackProcedureCodeResponse;
import io.athena.procedures.v1.SaveProcedureCodeRequest;
import io.athena.procedures.v1.TagProcedureVersionRequest;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import org.eclipse.jgit.lib.Repository;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** What the ordinary git client sees of what was saved. */
class HistoryTest {
  @RegisterExtension static final TestDatabase database = TestDatabase.create();

  private final AnsweredRequests answeredRequests =
      new AnsweredRequests(database.jdbi(), Clock.systemUTC());
  private final Procedures procedures = TestProcedures.on(database);
  private final CodeVersions codeVersions = TestCodeVersions.on(database);
  private final VersionTags tags = new VersionTags(answeredRequests);
  private final GitRepositories repositories = new GitRepositories(database.jdbi());

  @Test
  void isABranchAndTagsOfTheProject(@TempDir Path folder) throws IOException {
    Procedure procedure = TestProcedures.remember(procedures, "shop", "sums");
    long id = procedure.getProcedureId();
    CodeVersion first = save(id, "print(1)\n", "Ada <ada@example.org>", "Begin\n\nWith one.");
    CodeVersion second = save(id, "print('zwölf')\r\n", "<>", "");
    tag(id, "v1", "stable");
    RollbackProcedureCodeResponse third =
        codeVersions.rollback(
            RollbackProcedureCodeRequest.newBuilder()
                .setProcedureId(id)
                .setTargetVersion("stable")
                .setReason("too wordy")
                .build());

    Mirror mirror = Mirror.of(repositories.open("shop"), folder.resolve("mirror"));

    mirror.assertSound();
    String branch = "procedures/" + id;
    assertThat(mirror.git("log", "--format=%H|%an|%ae|%s", branch).lines())
        .containsExactly(
            third.getVersion().getCommitId() + "|the caller||Roll back to v1: too wordy",
            second.getCommitId() + "|unknown||Save version 2",
            first.getCommitId() + "|Ada|ada@example.org|Begin");
    assertThat(mirror.git("show", branch + "~1:main.py")).isEqualTo("print('zwölf')\r\n");
    assertThat(mirror.git("show", branch + ":main.py")).isEqualTo("print(1)\n");
    assertThat(mirror.git("show", branch + ":procedure.json")).contains("\"name\": \"sums\"");
    assertThat(mirror.git("rev-parse", branch + "^{tree}"))
        .isEqualTo(mirror.git("rev-parse", branch + "/v1^{tree}"));
    assertThat(mirror.git("tag", "--points-at", first.getCommitId()).lines())
        .containsExactly(branch + "/stable", branch + "/v1");
    assertThat(mirror.git("symbolic-ref", "HEAD").strip()).isEqualTo("refs/heads/" + branch);
  }

  @Test
  void goesWithItsProcedure() throws IOException {
    Procedure kept = TestProcedures.remember(procedures, "forgetful", "kept");
    Procedure forgotten = TestProcedures.remember(procedures, "forgetful", "forgotten");
    save(kept.getProcedureId(), "print(1)", "", "");
    save(forgotten.getProcedureId(), "print(1)", "", "");
    tag(forgotten.getProcedureId(), "v1", "stable");

    procedures.forget(
        ForgetProcedureRequest.newBuilder().setProcedureId(forgotten.getProcedureId()).build());

    try (Repository repository = repositories.open("forgetful")) {
      assertThat(repository.getRefDatabase().getRefsByPrefix("refs/"))
          .extracting(ref -> ref.getName())
          .containsExactly(
              "refs/heads/procedures/" + kept.getProcedureId(),
              "refs/tags/procedures/" + kept.getProcedureId() + "/v1");
    }
  }

  private CodeVersion save(long id, String code, String author, String message) {
    return codeVersions
        .save(
            SaveProcedureCodeRequest.newBuilder()
                .setProcedureId(id)
                .setCode(code)
                .setAuthor(author)
                .setMessage(message)
                .build())
        .getVersion();
  }

  private void tag(long id, String version, String tag) {
    tags.tag(
        TagProcedureVersionRequest.newBuilder()
            .setProcedureId(id)
            .setVersion(version)
            .setTag(tag)
            .build());
  }
}
