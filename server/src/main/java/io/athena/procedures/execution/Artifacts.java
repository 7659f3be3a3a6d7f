package io.athena.procedures.execution;

import com.google.protobuf.ByteString;
import io.athena.procedures.db.DaoInterfaces;
import io.athena.procedures.error.InvalidArgumentException;
import io.athena.procedures.error.NotFoundException;
import io.athena.procedures.procedure.TextRules;
import io.athena.procedures.v1.DownloadArtifactRequest;
import io.athena.procedures.v1.DownloadArtifactResponse;
import io.athena.procedures.v1.ExecutionEvent.Artifact;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Consumer;
import org.jdbi.v3.core.Jdbi;

/** What runs leave for their callers, in the database. Thread-safe. */
final class Artifacts {
  /** Size of a stored piece; the last one of an artifact may be smaller. */
  static final int PIECE_BYTES = 256 * 1024;

  private static final int MOST_NAMED = 10;

  private final Jdbi jdbi;
  private final ArtifactDao dao;

  Artifacts(Jdbi jdbi) {
    DaoInterfaces.examine(jdbi, ArtifactDao.class);
    this.jdbi = jdbi;
    this.dao = jdbi.onDemand(ArtifactDao.class);
  }

  /** Takes what a run leaves. */
  ArtifactWriter writer(UUID executionId) {
    return new ArtifactWriter(jdbi, executionId);
  }

  /** Those of an execution in the order in which they were left. */
  List<Artifact> list(UUID executionId) {
    return dao.list(executionId).stream().map(ArtifactDao.Stored::artifact).toList();
  }

  /**
   * Gives an artifact piece by piece to a receiver who may block. No connection is held meanwhile.
   *
   * @throws NotFoundException if there is no such execution or artifact, or it is removed before
   *     all was given
   */
  void download(DownloadArtifactRequest request, Consumer<DownloadArtifactResponse> receiver) {
    UUID id = Ids.parse(request.getExecutionId());
    ArtifactDao.Stored found = dao.find(id, request.getName());
    if (found == null) {
      if (!dao.executionExists(id)) {
        throw EventStore.missing(id);
      }
      throw missing(id, request.getName());
    }
    long offset = request.getOffset();
    if (offset < 0 || offset > found.sizeBytes()) {
      throw new InvalidArgumentException(
          "offset", "is %d; must be from 0 to %d".formatted(offset, found.sizeBytes()));
    }
    receiver.accept(DownloadArtifactResponse.newBuilder().setArtifact(found.artifact()).build());
    long position = offset;
    while (position < found.sizeBytes()) {
      int piece = Math.toIntExact(position / PIECE_BYTES);
      ByteString data = dao.piece(id, found.number(), piece);
      if (data == null) {
        throw missing(id, request.getName());
      }
      ByteString wanted = data.substring((int) (position % PIECE_BYTES));
      receiver.accept(DownloadArtifactResponse.newBuilder().setData(wanted).build());
      position += wanted.size();
    }
  }

  private NotFoundException missing(UUID executionId, String name) {
    List<String> names =
        dao.list(executionId).stream().map(stored -> TextRules.quote(stored.name())).toList();
    String there =
        names.isEmpty()
            ? "it has left none"
            : "it has left "
                + String.join(", ", names.subList(0, Math.min(MOST_NAMED, names.size())))
                + (names.size() > MOST_NAMED ? " and more" : "");
    return new NotFoundException(
        "ARTIFACT_NOT_FOUND",
        "execution %s has no artifact %s; %s".formatted(executionId, TextRules.quote(name), there),
        Map.of("execution_id", executionId.toString()));
  }
}
