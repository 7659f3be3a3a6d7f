package io.athena.procedures.db;

import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.List;

/** A fingerprint of a request: equal requests have equal ones, whatever the order of their maps. */
final class RequestHash {
  private RequestHash() {}

  /** SHA-256 of a request and its type, without the named fields. */
  static byte[] of(Message request, String... ignoredFields) {
    return of(request, new byte[0], ignoredFields);
  }

  /** The same, of {@code extra} too. */
  static byte[] of(Message request, byte[] extra, String... ignoredFields) {
    Message.Builder significant = request.toBuilder();
    for (FieldDescriptor field : request.getDescriptorForType().getFields()) {
      if (List.of(ignoredFields).contains(field.getName())) {
        significant.clearField(field);
      }
    }
    Message message = significant.build();
    byte[] bytes = new byte[message.getSerializedSize()];
    CodedOutputStream output = CodedOutputStream.newInstance(bytes);
    output.useDeterministicSerialization();
    try {
      message.writeTo(output);
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update(request.getDescriptorForType().getFullName().getBytes(StandardCharsets.UTF_8));
      digest.update(extra);
      return digest.digest(bytes);
    } catch (IOException e) {
      throw new UncheckedIOException("an array of the right size was too small", e);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
