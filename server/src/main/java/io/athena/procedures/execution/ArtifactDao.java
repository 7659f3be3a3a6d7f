package io.athena.procedures.execution;

import com.google.protobuf.ByteString;
import io.athena.procedures.v1.ExecutionEvent.Artifact;
import java.util.List;
import java.util.UUID;
import org.jdbi.v3.sqlobject.config.RegisterArgumentFactory;
import org.jdbi.v3.sqlobject.config.RegisterColumnMapper;
import org.jdbi.v3.sqlobject.config.RegisterConstructorMapper;
import org.jdbi.v3.sqlobject.customizer.Bind;
import org.jdbi.v3.sqlobject.statement.SqlQuery;
import org.jdbi.v3.sqlobject.statement.SqlUpdate;
import org.jspecify.annotations.Nullable;

/** Rows of artifacts. */
@RegisterArgumentFactory(BytesArgument.class)
@RegisterColumnMapper(BytesMapper.class)
interface ArtifactDao {
  /** An artifact and the number that its pieces have. */
  record Stored(int number, String name, long sizeBytes, String sha256) {
    Artifact artifact() {
      return Artifact.newBuilder().setName(name).setSizeBytes(sizeBytes).setSha256(sha256).build();
    }
  }

  /** Adds a piece, or writes it again; 0 if the run is not under way any more. */
  @SqlUpdate(
      """
      insert into execution_artifact_piece (execution_id, number, piece, data)
      select :executionId, :number, :piece, :data
      where exists (
        select 1 from execution where execution_id = :executionId and state = 'RUNNING')
      on conflict (execution_id, number, piece) do update set data = excluded.data
      """)
  int addPiece(
      @Bind("executionId") UUID executionId,
      @Bind("number") int number,
      @Bind("piece") int piece,
      @Bind("data") ByteString data);

  /** Makes an artifact of its pieces; 0 if the run is not under way any more. */
  @SqlUpdate(
      """
      insert into execution_artifact (execution_id, number, name, size_bytes, sha256)
      select :executionId, :number, :name, :sizeBytes, :sha256
      where exists (
        select 1 from execution where execution_id = :executionId and state = 'RUNNING')
      on conflict (execution_id, number) do update set name = excluded.name
      """)
  int add(
      @Bind("executionId") UUID executionId,
      @Bind("number") int number,
      @Bind("name") String name,
      @Bind("sizeBytes") long sizeBytes,
      @Bind("sha256") String sha256);

  /** Removes the pieces of what did not become an artifact. */
  @SqlUpdate(
      """
      delete from execution_artifact_piece
      where execution_id = :executionId and number = :number
      """)
  int removePieces(@Bind("executionId") UUID executionId, @Bind("number") int number);

  @SqlQuery("select exists (select 1 from execution where execution_id = :executionId)")
  boolean executionExists(@Bind("executionId") UUID executionId);

  @SqlQuery(
      """
      select number, name, size_bytes, sha256 from execution_artifact
      where execution_id = :executionId
      order by number
      """)
  @RegisterConstructorMapper(Stored.class)
  List<Stored> list(@Bind("executionId") UUID executionId);

  @SqlQuery(
      """
      select number, name, size_bytes, sha256 from execution_artifact
      where execution_id = :executionId and name = :name
      """)
  @RegisterConstructorMapper(Stored.class)
  @Nullable Stored find(@Bind("executionId") UUID executionId, @Bind("name") String name);

  @SqlQuery(
      """
      select data from execution_artifact_piece
      where execution_id = :executionId and number = :number and piece = :piece
      """)
  @Nullable ByteString piece(
      @Bind("executionId") UUID executionId, @Bind("number") int number, @Bind("piece") int piece);
}
