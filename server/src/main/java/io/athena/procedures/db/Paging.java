package io.athena.procedures.db;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import io.athena.procedures.error.Violations;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * One page of a list: how many rows it has, and after which position it begins.
 *
 * <p>Works for every request with the fields {@code page_size} and {@code page_token}. A token
 * holds the position of the last row given, so that rows that come and go meanwhile neither repeat
 * nor hide others, and a fingerprint of the rest of the request.
 */
public final class Paging {
  private static final int DEFAULT_SIZE = 50;
  private static final int LARGEST_SIZE = 1_000;
  private static final int CHECK_BYTES = 8;

  private final Message request;
  private final int size;
  private final Optional<String> after;

  private Paging(Message request, int size, Optional<String> after) {
    this.request = request;
    this.size = size;
    this.after = after;
  }

  /** Rows of one page, and the token of the next one; empty if there is none. */
  public record Page<T>(List<T> rows, String nextPageToken) {}

  /**
   * Reads what a request says about paging, and notes what is wrong with it; then the result is the
   * first page.
   */
  public static Paging of(Message request, Violations violations) {
    int size = (Integer) request.getField(field(request, "page_size"));
    violations.check(size >= 0, "page_size", "must not be negative; 0 means " + DEFAULT_SIZE);
    String token = (String) request.getField(field(request, "page_token"));
    Optional<String> after = token.isEmpty() ? Optional.empty() : decode(token, request);
    violations.check(
        token.isEmpty() || after.isPresent(),
        "page_token",
        "is not one that a request with the same other fields was given; leave it empty to begin anew");
    int atMost = size <= 0 ? DEFAULT_SIZE : Math.min(size, LARGEST_SIZE);
    return new Paging(request, atMost, after);
  }

  /** Where the page begins: after this position; empty for the first page. */
  public Optional<String> after() {
    return after;
  }

  /** How many rows to read: one more than the page has, which tells whether another follows. */
  public int rowsToRead() {
    return size + 1;
  }

  /**
   * Makes the page.
   *
   * @param rows at most {@link #rowsToRead()}
   * @param position of a row in the order of the list
   */
  public <T> Page<T> page(List<T> rows, Function<T, String> position) {
    if (rows.size() <= size) {
      return new Page<>(List.copyOf(rows), "");
    }
    List<T> shown = List.copyOf(rows.subList(0, size));
    return new Page<>(shown, encode(position.apply(shown.getLast()), request));
  }

  private static String encode(String position, Message request) {
    byte[] text = position.getBytes(StandardCharsets.UTF_8);
    byte[] token =
        ByteBuffer.allocate(CHECK_BYTES + text.length).put(check(text, request)).put(text).array();
    return Base64.getUrlEncoder().withoutPadding().encodeToString(token);
  }

  private static Optional<String> decode(String token, Message request) {
    byte[] bytes;
    try {
      bytes = Base64.getUrlDecoder().decode(token);
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
    if (bytes.length <= CHECK_BYTES) {
      return Optional.empty();
    }
    byte[] text = Arrays.copyOfRange(bytes, CHECK_BYTES, bytes.length);
    byte[] check = Arrays.copyOf(bytes, CHECK_BYTES);
    return Arrays.equals(check, check(text, request))
        ? Optional.of(new String(text, StandardCharsets.UTF_8))
        : Optional.empty();
  }

  private static byte[] check(byte[] position, Message request) {
    byte[] hash = RequestHash.of(request, position, "page_size", "page_token");
    return Arrays.copyOf(hash, CHECK_BYTES);
  }

  private static FieldDescriptor field(Message request, String name) {
    return request.getDescriptorForType().findFieldByName(name);
  }
}
