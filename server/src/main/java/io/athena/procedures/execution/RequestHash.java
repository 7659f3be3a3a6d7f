package io.athena.procedures.execution;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import io.athena.procedures.v1.ExecuteProcedureRequest;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/** Tells whether two requests ask for the same. */
final class RequestHash {
  private RequestHash() {}

  /**
   * SHA-256 of the request without its id; empty for one without an id, which nobody can repeat.
   */
  static ByteString of(ExecuteProcedureRequest request) {
    if (request.getRequestId().isEmpty()) {
      return ByteString.EMPTY;
    }
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      CodedOutputStream out =
          CodedOutputStream.newInstance(
              new DigestOutputStream(OutputStream.nullOutputStream(), digest));
      // Arguments are maps, whose order says nothing.
      out.useDeterministicSerialization();
      request.toBuilder().clearRequestId().build().writeTo(out);
      out.flush();
      return ByteString.copyFrom(digest.digest());
    } catch (IOException cannotBe) {
      throw new UncheckedIOException(cannotBe);
    } catch (NoSuchAlgorithmException cannotBe) {
      throw new IllegalStateException("every Java platform has SHA-256", cannotBe);
    }
  }
}
