package io.athena.procedures.rpc;

import io.grpc.Metadata;
import io.grpc.Status;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Makes status messages and ASCII trailers safe for Helidon's HPACK encoder, which overflows on
 * characters with long Huffman codes and then breaks the connection for every later call. Percent
 * encoding is what gRPC prescribes for messages; clients undo it.
 */
final class StatusEncoding {
  /** Characters with Huffman codes of at most 7 bits, and few more that were tried. */
  private static final String SAFE = " .-_:/=,";

  private static final HexFormat HEX = HexFormat.of().withUpperCase();

  private StatusEncoding() {}

  static Status encode(Status status) {
    String description = status.getDescription();
    return description == null ? status : status.withDescription(encode(description));
  }

  static String encode(String text) {
    StringBuilder encoded = new StringBuilder(text.length() + 16);
    for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
      char c = (char) (b & 0xff);
      if (harmless(c)) {
        encoded.append(c);
      } else {
        encoded.append('%');
        HEX.toHexDigits(encoded, b);
      }
    }
    return encoded.toString();
  }

  private static boolean harmless(char c) {
    return (c >= 'a' && c <= 'z')
        || (c >= 'A' && c <= 'Z')
        || (c >= '0' && c <= '9')
        || SAFE.indexOf(c) >= 0;
  }

  /** Encodes the values of all keys but the binary ones, which travel as Base64. */
  static Metadata encode(Metadata trailers) {
    Metadata encoded = new Metadata();
    encoded.merge(trailers);
    for (String name : trailers.keys()) {
      if (!name.endsWith(Metadata.BINARY_HEADER_SUFFIX)) {
        Metadata.Key<String> key = Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER);
        List<String> values = new ArrayList<>();
        @Nullable Iterable<String> removed = encoded.removeAll(key);
        if (removed != null) {
          removed.forEach(values::add);
        }
        values.forEach(value -> encoded.put(key, encode(value)));
      }
    }
    return encoded;
  }
}
