package io.athena.procedures.code;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * A version to be saved.
 *
 * @param message empty for the usual one
 * @param rolledBackTo the version whose code it restores; 0 if it does not
 */
record NewVersion(
    String code, String sha256, int sizeBytes, String author, String message, int rolledBackTo) {

  /** Of code that callers give. */
  static NewVersion of(String code, String author, String message) {
    byte[] bytes = code.getBytes(StandardCharsets.UTF_8);
    return new NewVersion(code, sha256(bytes), bytes.length, author, message, 0);
  }

  private static String sha256(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
