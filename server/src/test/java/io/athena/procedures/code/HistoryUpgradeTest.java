package io.athena.procedures.code;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.athena.procedures.db.TestDatabase;
import io.athena.procedures.git.GitRepositories;
import io.athena.procedures.git.Mirror;
import io.athena.procedures.procedure.Procedures;
import io.athena.procedures.procedure.TestProcedures;
import io.athena.procedures.v1.CodeVersion;
import io.athena.procedures.v1.GetProcedureVersionRequest;
import io.athena.procedures.v1.SaveProcedureCodeRequest;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Versions that were saved before there was git. */
class HistoryUpgradeTest {
  private TestDatabase database;
  private Procedures procedures;
  private CodeVersions codeVersions;

  @BeforeEach
  void open() {
    database = TestDatabase.create();
    procedures = TestProcedures.on(database);
    codeVersions = TestCodeVersions.on(database);
  }

  @AfterEach
  void close() {
    database.close();
  }

  @Test
  void areMovedWithAllThatIsKnownOfThem(@TempDir Path folder) throws IOException {
    long first = procedureFromBefore("first", "print('ü')\r\n", "b");
    long second = procedureFromBefore("second", "b");
    CodeVersion before = get(first, "v1");
    assertThat(before.getCode()).isEqualTo("print('ü')\r\n");
    assertThat(new Codes(database.jdbi()).resolve(first, "").code()).isEqualTo("b");

    assertThat(HistoryUpgrade.upgradeAll(database.jdbi())).isEqualTo(2);

    CodeVersion after = get(first, "v1");
    assertThat(after.getCommitId()).hasSize(40);
    assertThat(after.toBuilder().clearCommitId().build()).isEqualTo(before);
    assertThat(new Codes(database.jdbi()).resolve(first, "").code()).isEqualTo("b");
    assertThat(HistoryUpgrade.upgradeAll(database.jdbi())).isZero();
    Mirror mirror =
        Mirror.of(new GitRepositories(database.jdbi()).open("default"), folder.resolve("mirror"));
    mirror.assertSound();
    assertThat(mirror.git("show", "procedures/" + first + "/v1:main.py"))
        .isEqualTo("print('ü')\r\n");
    assertThat(mirror.git("log", "--format=%an|%at|%s", "procedures/" + first).lines())
        .containsExactly("eve|1700000002|message 2", "eve|1700000001|message 1");
    assertThat(mirror.git("log", "--format=%s", "procedures/" + second).lines())
        .containsExactly("message 1");
  }

  @Test
  void areMovedWhenTheirProcedureIsChangedFirst() {
    long id = procedureFromBefore("changed", "a", "b");

    CodeVersion saved =
        codeVersions
            .save(SaveProcedureCodeRequest.newBuilder().setProcedureId(id).setCode("c").build())
            .getVersion();

    assertThat(saved.getVersion()).isEqualTo(3);
    assertThat(get(id, "v1").getCommitId()).hasSize(40);
    assertThat(get(id, "v2").getCode()).isEqualTo("b");
  }

  @Test
  void stayWhereTheyAreIfTheyCannotBeMoved() {
    long id = procedureFromBefore("unmovable", "a", "b");
    database
        .jdbi()
        .useHandle(handle ->
            handle.execute(
                """
                insert into git_ref (project, name, object_id)
                values ('default', 'refs/heads/procedures/%d', decode(repeat('ab', 20), 'hex'))
                """
                    .formatted(id)));

    assertThatThrownBy(() -> HistoryUpgrade.upgradeAll(database.jdbi()))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("refs/heads/procedures/" + id);
    assertThat(get(id, "v1").getCode()).isEqualTo("a");
    assertThat(get(id, "v2").getCode()).isEqualTo("b");
    assertThat(get(id, "v2").getCommitId()).isEmpty();
  }

  private long procedureFromBefore(String name, String... codes) {
    long id = TestProcedures.remember(procedures, "", name).getProcedureId();
    for (int i = 0; i < codes.length; i++) {
      String code = codes[i];
      int version = i + 1;
      NewVersion saved = NewVersion.of(code, "", "");
      database
          .jdbi()
          .useTransaction(handle -> {
            handle.execute(
                """
                insert into code_version (procedure_id, version, code, sha256, size_bytes, author,
                                          message, create_time)
                values (?, ?, ?, ?, ?, 'eve', ?, to_timestamp(?))
                """,
                id,
                version,
                code,
                saved.sha256(),
                saved.code().length,
                "message " + version,
                1_700_000_000L + version);
            handle.execute(
                "insert into version_stats (procedure_id, version, confidence) values (?, ?, 0.2)",
                id,
                version);
            handle.execute(
                "update procedure set current_version = ? where procedure_id = ?", version, id);
          });
    }
    return id;
  }

  private CodeVersion get(long id, String version) {
    return codeVersions.get(
        GetProcedureVersionRequest.newBuilder().setProcedureId(id).setVersion(version).build());
  }
}
