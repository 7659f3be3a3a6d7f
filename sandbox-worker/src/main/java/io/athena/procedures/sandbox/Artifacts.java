package io.athena.procedures.sandbox;

import com.google.protobuf.ByteString;
import io.athena.procedures.v1.ExecutionEvent.Artifact;
import io.athena.sandbox.v1.RunResponse;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/**
 * The artifacts of one run, as its program sends them over its control connection: a name, pieces,
 * and an empty piece as the end. Nothing is read from the program's files by anybody but itself.
 *
 * <p>The harness keeps the same rules and raises in the program; who breaks them here went around
 * it. For one thread.
 */
final class Artifacts {
  /** The same as in {@code artifacts.py}. */
  static final int MOST = 1000;

  private final Set<String> names = new HashSet<>();
  private final MessageDigest digest = sha256();
  private long left;
  private long size;
  private String open = "";

  /**
   * @param mostBytes of all artifacts together
   */
  Artifacts(long mostBytes) {
    this.left = mostBytes;
  }

  /**
   * An artifact begins.
   *
   * @throws MalformedFrameException if it must not
   */
  void begin(JsonNode frame) throws MalformedFrameException {
    String name = Json.text(frame.path("name").asString(""));
    if (!open.isEmpty()) {
      throw new MalformedFrameException("an artifact began before the one before it had ended");
    }
    if (!FileNames.isRelative(name)) {
      throw new MalformedFrameException("an artifact's name is no " + FileNames.RULE);
    }
    if (names.size() >= MOST || !names.add(name)) {
      throw new MalformedFrameException(
          "an artifact's name came twice, or there were more than %d artifacts".formatted(MOST));
    }
    open = name;
    size = 0;
  }

  /**
   * A piece has come; what is to be passed on.
   *
   * @throws MalformedFrameException if it belongs to no artifact or is too much
   */
  RunResponse piece(ByteString data) throws MalformedFrameException {
    if (open.isEmpty()) {
      throw new MalformedFrameException("a piece of an artifact came that had not begun");
    }
    if (data.isEmpty()) {
      return end();
    }
    left -= data.size();
    size += data.size();
    if (left < 0) {
      throw new MalformedFrameException("the artifacts have more bytes than their limit");
    }
    data.asReadOnlyByteBufferList().forEach(digest::update);
    return RunResponse.newBuilder().setArtifactData(data).build();
  }

  private RunResponse end() {
    Artifact artifact =
        Artifact.newBuilder()
            .setName(open)
            .setSizeBytes(size)
            .setSha256(HexFormat.of().formatHex(digest.digest()))
            .build();
    open = "";
    return RunResponse.newBuilder().setArtifact(artifact).build();
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
