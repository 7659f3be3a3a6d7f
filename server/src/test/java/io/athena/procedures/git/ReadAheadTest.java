package io.athena.procedures.git;

import static org.assertj.core.api.Assertions.assertThat;

import io.athena.procedures.code.CodeVersions;
import io.athena.procedures.code.TestCodeVersions;
import io.athena.procedures.db.TestDatabase;
import io.athena.procedures.procedure.Procedures;
import io.athena.procedures.procedure.TestProcedures;
import io.athena.procedures.v1.SaveProcedureCodeRequest;
import java.io.IOException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.lib.Ref;
import org.eclipse.jgit.lib.Repository;
import org.eclipse.jgit.revwalk.AsyncRevObjectQueue;
import org.eclipse.jgit.revwalk.ObjectWalk;
import org.eclipse.jgit.revwalk.RevCommit;
import org.eclipse.jgit.revwalk.RevObject;
import org.eclipse.jgit.revwalk.RevWalk;
import org.jdbi.v3.core.statement.SqlLogger;
import org.jdbi.v3.core.statement.StatementContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ReadAheadTest {
  @RegisterExtension static final TestDatabase database = TestDatabase.create();

  private static final int VERSIONS = 100;
  private static final int PROCEDURES = 40;

  /** What a walk reads one by one before it reads ahead. */
  private static final int ALONE = 16;

  private static ObjectId newest = ObjectId.zeroId();

  private final AtomicInteger statements = new AtomicInteger();

  @BeforeAll
  static void save() {
    Procedures procedures = TestProcedures.on(database);
    CodeVersions versions = TestCodeVersions.on(database);
    long history = TestProcedures.remember(procedures, "long", "history").getProcedureId();
    for (int version = 1; version <= VERSIONS; version++) {
      newest = save(versions, history, "print(" + version + ")");
    }
    for (int other = 0; other < PROCEDURES; other++) {
      long id = TestProcedures.remember(procedures, "long", "other" + other).getProcedureId();
      for (int version = 1; version <= 3; version++) {
        save(versions, id, "print(%d, %d)".formatted(other, version));
      }
    }
  }

  private static ObjectId save(CodeVersions versions, long id, String code) {
    return ObjectId.fromString(
        versions
            .save(SaveProcedureCodeRequest.newBuilder().setProcedureId(id).setCode(code).build())
            .getVersion()
            .getCommitId());
  }

  @BeforeEach
  void count() {
    database
        .jdbi()
        .setSqlLogger(
            new SqlLogger() {
              @Override
              public void logAfterExecution(StatementContext context) {
                statements.incrementAndGet();
              }
            });
  }

  @AfterEach
  void countNoMore() {
    database.jdbi().setSqlLogger(SqlLogger.NOP_SQL_LOGGER);
  }

  private static Repository repository(ReadAhead.Budget budget) {
    return new DatabaseRepository("long", GitTables.of(database.jdbi(), "long", budget));
  }

  /** Enough for everything, for some of it, and for nothing. */
  @ParameterizedTest
  @ValueSource(longs = {1 << 20, 10_000, 0})
  void aWalkFindsEverythingWhateverTheBudget(long bytes) throws IOException {
    try (Repository repository = repository(new ReadAhead.Budget(bytes))) {
      // Of each version the commit, the tree and the code; and the one definition.
      assertThat(walk(repository, List.of(newest))).hasSize(3 * VERSIONS + 1);
    }
  }

  @Test
  void aWalkOfOneProcedureReadsItsHistoryAndNoOther() throws IOException {
    // No room for the other procedures, and for one commit at a time not enough statements.
    ReadAhead.Budget budget = new ReadAhead.Budget(80_000);
    try (Repository repository = repository(budget)) {
      walk(repository, List.of(newest));
    }
    // The tip, and after the parents read alone one for all other commits and one for the trees.
    assertThat(statements).hasValue(1 + ALONE + 2);
  }

  @Test
  void aWalkOfManyProceduresReadsThemTogether() throws IOException {
    ReadAhead.Budget budget = new ReadAhead.Budget(1 << 20);
    try (Repository repository = repository(budget)) {
      List<ObjectId> tips =
          repository.getRefDatabase().getRefsByPrefix("refs/heads/").stream()
              .map(ref -> ref.getObjectId())
              .toList();
      statements.set(0);
      assertThat(walk(repository, tips)).hasSize(3 * VERSIONS + 1 + PROCEDURES * (3 * 3 + 1));
    }
    assertThat(statements).hasValueLessThan(ALONE + 20);
  }

  /** As for a shallow clone. */
  @Test
  void whoeverGoesThroughRefsGetsThemTogether() throws IOException {
    try (Repository repository = repository(new ReadAhead.Budget(1 << 20));
        RevWalk walk = new RevWalk(repository)) {
      List<Ref> branches = repository.getRefDatabase().getRefsByPrefix("refs/heads/");
      statements.set(0);
      for (Ref branch : branches) {
        assertThat(walk.parseCommit(branch.getObjectId()).getParentCount()).isEqualTo(1);
      }
    }
    // The refs, and what they point to.
    assertThat(statements).hasValue(ALONE + 2);
  }

  /** All commits and what they refer to. */
  private static Set<ObjectId> walk(Repository repository, List<ObjectId> tips) throws IOException {
    Set<ObjectId> found = new HashSet<>();
    try (ObjectWalk walk = new ObjectWalk(repository)) {
      AsyncRevObjectQueue starts = walk.parseAny(tips, true);
      for (RevObject tip = starts.next(); tip != null; tip = starts.next()) {
        walk.markStart(tip);
      }
      for (RevCommit commit = walk.next(); commit != null; commit = walk.next()) {
        found.add(commit.copy());
      }
      for (RevObject object = walk.nextObject(); object != null; object = walk.nextObject()) {
        found.add(object.copy());
      }
    }
    return found;
  }

  @Test
  void whatOneReaderHoldsNoOtherCanUntilItIsDone() throws IOException {
    ReadAhead.Budget budget = new ReadAhead.Budget(20_000);
    ReadAhead first = holding(budget);
    ReadAhead second = holding(budget);
    assertThat(first.look(parentOfNewest())).isNotNull();
    assertThat(second.look(parentOfNewest())).isNull();

    first.clear();
    assertThat(first.look(parentOfNewest())).isNull();
    second.clear();
    assertThat(holding(budget).look(parentOfNewest())).isNotNull();
  }

  /** Has read of the long history what there is room for. */
  private static ReadAhead holding(ReadAhead.Budget budget) throws IOException {
    GitTables tables = GitTables.of(database.jdbi(), "long", budget);
    ReadAhead readAhead = new ReadAhead(tables);
    StoredObject commit = tables.find(newest).orElseThrow();
    readAhead.seen(commit, commit.content());
    readAhead.readWith(parentOfNewest());
    return readAhead;
  }

  private static ObjectId parentOfNewest() throws IOException {
    StoredObject commit =
        GitTables.of(database.jdbi(), "long", new ReadAhead.Budget(0)).find(newest).orElseThrow();
    return ObjectLinks.ofCommit(commit.content()).parents().getFirst();
  }
}
