package io.athena.procedures.code;

import static org.assertj.core.api.Assertions.assertThat;

import io.athena.procedures.git.GitRepositories;
import io.athena.procedures.git.Mirror;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.TreeMap;
import org.eclipse.jgit.lib.Ref;
import org.eclipse.jgit.lib.Repository;
import org.eclipse.jgit.revwalk.RevCommit;
import org.eclipse.jgit.revwalk.RevWalk;
import org.eclipse.jgit.treewalk.TreeWalk;
import org.jdbi.v3.core.Jdbi;

/** Compares rows and git of a whole project. */
final class StoredHistories {
  private StoredHistories() {}

  private record Row(long procedureId, int version, String commitId, String sha256) {}

  /**
   * Fails unless every procedure's versions are numbered without gaps up to its current one, its
   * branch is a line of exactly their commits with their code, every tag is where it belongs, there
   * are no other refs, and git finds no fault with a mirror.
   *
   * @param folder for the mirror; must not exist
   */
  static void assertAgree(Jdbi jdbi, String project, Path folder) throws IOException {
    TreeMap<String, String> expectedRefs = new TreeMap<>();
    try (Repository repository = new GitRepositories(jdbi).open(project);
        RevWalk walk = new RevWalk(repository)) {
      for (List<Row> versions : histories(jdbi, project)) {
        String name = "procedures/" + versions.getFirst().procedureId();
        RevCommit commit = walk.parseCommit(repository.resolve("refs/heads/" + name));
        expectedRefs.put("refs/heads/" + name, commit.name());
        for (Row version : versions.reversed()) {
          assertThat(commit.name()).isEqualTo(version.commitId());
          assertThat(sha256(repository, commit)).isEqualTo(version.sha256());
          expectedRefs.put("refs/tags/" + name + "/v" + version.version(), commit.name());
          assertThat(commit.getParentCount()).isEqualTo(version.version() == 1 ? 0 : 1);
          commit = version.version() == 1 ? commit : walk.parseCommit(commit.getParent(0));
        }
      }
      TreeMap<String, String> refs = new TreeMap<>();
      for (Ref ref : repository.getRefDatabase().getRefsByPrefix("refs/")) {
        refs.put(ref.getName(), Objects.requireNonNull(ref.getObjectId()).name());
      }
      assertThat(refs).isEqualTo(expectedRefs);
      Mirror.of(repository, folder).assertSound();
    }
  }

  /** The versions of each procedure that has code, in their order. */
  private static List<List<Row>> histories(Jdbi jdbi, String project) {
    return jdbi.withHandle(handle ->
        handle
            .createQuery(
                """
                select procedure_id from procedure
                where project = :project and current_version > 0
                """)
            .bind("project", project)
            .mapTo(Long.class)
            .list()
            .stream()
            .map(id -> {
              List<Row> rows =
                  handle
                      .createQuery(
                          """
                          select version, commit_id, sha256 from code_version
                          where procedure_id = :id order by version
                          """)
                      .bind("id", id)
                      .map((row, context) ->
                          new Row(
                              id,
                              row.getInt("version"),
                              row.getString("commit_id"),
                              row.getString("sha256")))
                      .list();
              int current =
                  handle
                      .createQuery("select current_version from procedure where procedure_id = :id")
                      .bind("id", id)
                      .mapTo(Integer.class)
                      .one();
              assertThat(rows).hasSize(current);
              for (int i = 0; i < current; i++) {
                assertThat(rows.get(i).version()).isEqualTo(i + 1);
              }
              return rows;
            })
            .toList());
  }

  private static String sha256(Repository repository, RevCommit commit) throws IOException {
    try (TreeWalk file = TreeWalk.forPath(repository, "main.py", commit.getTree())) {
      byte[] code = repository.open(file.getObjectId(0)).getBytes();
      return NewVersion.of(new String(code, StandardCharsets.UTF_8), "", "").sha256();
    }
  }
}
