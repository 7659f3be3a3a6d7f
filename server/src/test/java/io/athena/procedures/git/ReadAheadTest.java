package io.athena.procedures.git;

import static org.assertj.core.api.Assertions.assertThat;

import io.athena.procedures.code.CodeVersions;
import io.athena.procedures.db.AnsweredRequests;
import io.athena.procedures.db.TestDatabase;
import io.athena.procedures.procedure.TestProcedures;
import io.athena.procedures.v1.SaveProcedureCodeRequest;
import java.io.IOException;
import java.time.Clock;
import java.util.HashSet;
import java.util.Set;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.lib.Repository;
import org.eclipse.jgit.revwalk.ObjectWalk;
import org.eclipse.jgit.revwalk.RevCommit;
import org.eclipse.jgit.revwalk.RevObject;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ReadAheadTest {
  @RegisterExtension static final TestDatabase database = TestDatabase.create();

  /** So many that a walk over them reads ahead. */
  private static final int VERSIONS = 100;

  private static ObjectId newest = ObjectId.zeroId();
  private static long procedureId;

  @BeforeAll
  static void save() {
    procedureId =
        TestProcedures.remember(TestProcedures.on(database), "long", "history").getProcedureId();
    AnsweredRequests answeredRequests = new AnsweredRequests(database.jdbi(), Clock.systemUTC());
    CodeVersions versions =
        new CodeVersions(database.jdbi(), Clock.systemUTC(), answeredRequests, () -> "somebody");
    for (int version = 1; version <= VERSIONS; version++) {
      newest =
          ObjectId.fromString(
              versions
                  .save(
                      SaveProcedureCodeRequest.newBuilder()
                          .setProcedureId(procedureId)
                          .setCode("print(" + version + ")")
                          .build())
                  .getVersion()
                  .getCommitId());
    }
  }

  private static GitTables tables(ReadAhead.Budget budget) {
    return GitTables.of(database.jdbi(), "long", budget);
  }

  /** Enough for everything, for about half of it, and for nothing. */
  @ParameterizedTest
  @ValueSource(longs = {1 << 20, 25_000, 0})
  void aWalkFindsEverythingWhateverTheBudget(long budget) throws IOException {
    Set<ObjectId> found = new HashSet<>();
    try (Repository repository =
            new DatabaseRepository("long", tables(new ReadAhead.Budget(budget)));
        ObjectWalk walk = new ObjectWalk(repository)) {
      walk.markStart(walk.parseCommit(newest));
      for (RevCommit commit = walk.next(); commit != null; commit = walk.next()) {
        found.add(commit.copy());
      }
      assertThat(found).hasSize(VERSIONS);
      for (RevObject object = walk.nextObject(); object != null; object = walk.nextObject()) {
        found.add(object.copy());
      }
    }
    // Of each version the commit, the tree and the code; and the one definition.
    assertThat(found).hasSize(3 * VERSIONS + 1);
  }

  @Test
  void whatOneReaderHoldsNoOtherCanUntilItIsDone() throws IOException {
    ReadAhead.Budget budget = new ReadAhead.Budget(100_000);
    ReadAhead first = new ReadAhead(tables(budget));
    first.fill();
    assertThat(first.get(newest)).isNotNull();
    ReadAhead second = new ReadAhead(tables(budget));
    ReadAhead third = new ReadAhead(tables(budget));
    second.fill();
    third.fill();
    assertThat(third.get(newest)).isNull();
    first.clear();
    assertThat(first.get(newest)).isNull();
    third.fill();
    assertThat(third.get(newest)).isNotNull();
  }
}
