package io.athena.procedures.sandbox;

import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Lets in calls with a token of a file: lines {@code name:sha256-of-token}, as the server's own
 * file of tokens. All others are refused with UNAUTHENTICATED. Thread-safe.
 */
final class WorkerTokens implements ServerInterceptor {
  private static final Metadata.Key<String> AUTHORIZATION =
      Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);
  private static final String SCHEME = "bearer ";
  private static final int DIGEST_BYTES = 32;

  private final List<byte[]> digests;

  private WorkerTokens(List<byte[]> digests) {
    this.digests = digests;
  }

  /**
   * Reads a file.
   *
   * @throws IOException if it cannot be read, or has no line or a malformed one; what a line holds
   *     is not told, it may be a token
   */
  static WorkerTokens read(Path file) throws IOException {
    List<byte[]> digests = new ArrayList<>();
    int number = 0;
    for (String line : Files.readAllLines(file)) {
      number++;
      String entry = line.strip();
      if (!entry.isEmpty() && !entry.startsWith("#")) {
        digests.add(digest(file, number, entry));
      }
    }
    if (digests.isEmpty()) {
      throw new IOException("the file of tokens " + file + " has no line, so nobody could call");
    }
    return new WorkerTokens(digests);
  }

  private static byte[] digest(Path file, int number, String entry) throws IOException {
    int colon = entry.lastIndexOf(':');
    try {
      byte[] digest = HexFormat.of().parseHex(entry.substring(colon + 1).strip());
      if (colon > 0 && digest.length == DIGEST_BYTES) {
        return digest;
      }
    } catch (IllegalArgumentException e) {
      throw malformed(file, number);
    }
    throw malformed(file, number);
  }

  private static IOException malformed(Path file, int number) {
    return new IOException(
        "line %d of the file of tokens %s is not name:sha256; make one with: printf %%s TOKEN | sha256sum"
            .formatted(number, file));
  }

  @Override
  public <Q, S> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, S> call, Metadata headers, ServerCallHandler<Q, S> next) {
    if (isKnown(headers.get(AUTHORIZATION))) {
      return next.startCall(call, headers);
    }
    call.close(
        Status.UNAUTHENTICATED.withDescription(
            "this worker asks for a token of its tokens file: set sandbox.workers-token-file in the server"),
        new Metadata());
    return new ServerCall.Listener<>() {};
  }

  private boolean isKnown(@Nullable String authorization) {
    if (authorization == null
        || !authorization.regionMatches(true, 0, SCHEME, 0, SCHEME.length())) {
      return false;
    }
    byte[] given = sha256(authorization.substring(SCHEME.length()).strip());
    boolean known = false;
    // All are compared, each in constant time: how long it takes tells nothing.
    for (byte[] digest : digests) {
      known |= MessageDigest.isEqual(digest, given);
    }
    return known;
  }

  private static byte[] sha256(String token) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(token.getBytes(StandardCharsets.UTF_8));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
