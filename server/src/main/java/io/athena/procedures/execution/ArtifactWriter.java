package io.athena.procedures.execution;

import com.google.protobuf.ByteString;
import io.athena.procedures.db.DatabaseFailures;
import io.athena.procedures.v1.ExecutionEvent.Artifact;
import java.util.UUID;
import java.util.function.ToIntFunction;
import org.jdbi.v3.core.Jdbi;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Stores the artifacts of one run as they come, one piece in memory. While the database takes
 * nothing it waits and tries again, and the program waits with it. For one thread.
 */
final class ArtifactWriter {
  private static final Logger log = LoggerFactory.getLogger(ArtifactWriter.class);
  private static final long FIRST_PAUSE_MILLIS = 20;
  private static final long LONGEST_PAUSE_MILLIS = 2_000;

  private final Jdbi jdbi;
  private final UUID executionId;
  private ByteString gathered = ByteString.EMPTY;
  private int number = 1;
  private int pieces;

  /** The run has ended in the database, by another server's word: nothing more is kept. */
  private boolean over;

  ArtifactWriter(Jdbi jdbi, UUID executionId) {
    this.jdbi = jdbi;
    this.executionId = executionId;
  }

  /** The next bytes of the artifact that is being left. */
  void add(ByteString data) throws InterruptedException {
    gathered = gathered.concat(data);
    while (gathered.size() >= Artifacts.PIECE_BYTES) {
      ByteString piece = gathered.substring(0, Artifacts.PIECE_BYTES);
      write(dao -> dao.addPiece(executionId, number, pieces, piece));
      pieces++;
      gathered = gathered.substring(Artifacts.PIECE_BYTES);
    }
  }

  /** The artifact is complete; when this returns it is stored. */
  void finish(Artifact artifact) throws InterruptedException {
    ByteString last = gathered;
    write(dao ->
        (last.isEmpty() ? 1 : dao.addPiece(executionId, number, pieces, last))
            * dao.add(
                executionId,
                number,
                artifact.getName(),
                artifact.getSizeBytes(),
                artifact.getSha256()));
    gathered = ByteString.EMPTY;
    pieces = 0;
    number++;
  }

  /** The run has ended: what did not become an artifact goes. */
  void close() throws InterruptedException {
    if (pieces > 0) {
      write(dao -> Math.max(1, dao.removePieces(executionId, number)));
    }
  }

  /** In one transaction; a change of no row means that the run is not under way any more. */
  private void write(ToIntFunction<ArtifactDao> change) throws InterruptedException {
    long pause = FIRST_PAUSE_MILLIS;
    while (!over) {
      try {
        int rows =
            jdbi.inTransaction(handle -> change.applyAsInt(handle.attach(ArtifactDao.class)));
        over = rows == 0;
        return;
      } catch (RuntimeException failure) {
        if (DatabaseFailures.isMissingReference(failure)) {
          over = true; // The execution was removed this moment.
          return;
        }
        if (!DatabaseFailures.isPassing(failure)) {
          throw failure;
        }
        log.warn(
            "an artifact of execution {} could not be written and is tried again in {} ms: {}",
            executionId,
            pause,
            failure.toString());
        Thread.sleep(pause);
        pause = Math.min(2 * pause, LONGEST_PAUSE_MILLIS);
      }
    }
  }
}
