package io.athena.procedures.code;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * A version to be saved.
 *
 * @param code in UTF-8
 * @param message empty for the usual one
 */
@SuppressWarnings("ArrayRecordComponent") // Never compared.
record NewVersion(byte[] code, String sha256, String author, String message) {

  /** Of code that callers give. */
  static NewVersion of(String code, String author, String message) {
    byte[] bytes = code.getBytes(StandardCharsets.UTF_8);
    return new NewVersion(bytes, sha256(bytes), author, message);
  }

  /** Of code that callers give, in hexadecimal digits. */
  static String sha256(String code) {
    return sha256(code.getBytes(StandardCharsets.UTF_8));
  }

  private static String sha256(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
