package io.athena.procedures.execution;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.athena.procedures.error.InvalidArgumentException;
import io.athena.procedures.v1.ListExecutionsRequest;
import java.nio.ByteBuffer;
import java.util.Base64;
import java.util.UUID;
import java.util.zip.CRC32;

/** Where a page of executions begins: the last id before it, valid for the same filters only. */
final class PageToken {
  private static final UUID BEYOND_ALL = new UUID(-1L, -1L);
  private static final int BYTES = 20;

  private PageToken() {}

  static String after(String executionId, ListExecutionsRequest request) {
    UUID id = UUID.fromString(executionId);
    return Base64.getUrlEncoder()
        .withoutPadding()
        .encodeToString(
            ByteBuffer.allocate(BYTES)
                .putLong(id.getMostSignificantBits())
                .putLong(id.getLeastSignificantBits())
                .putInt(check(id, request))
                .array());
  }

  /** The id before which the page begins. */
  static UUID before(ListExecutionsRequest request) {
    if (request.getPageToken().isEmpty()) {
      return BEYOND_ALL;
    }
    try {
      ByteBuffer token = ByteBuffer.wrap(Base64.getUrlDecoder().decode(request.getPageToken()));
      if (token.remaining() == BYTES) {
        UUID id = new UUID(token.getLong(), token.getLong());
        if (token.getInt() == check(id, request)) {
          return id;
        }
      }
    } catch (IllegalArgumentException notBase64) {
      // The same answer as for any other strange token.
    }
    throw new InvalidArgumentException(
        "page_token", "was not given by a list with these filters; begin without one");
  }

  private static int check(UUID id, ListExecutionsRequest request) {
    CRC32 crc = new CRC32();
    crc.update(
        (id
                + "/"
                + request.getProcedureId()
                + "/"
                + request.getProject()
                + "/"
                + request.getStateValue()
                + "/"
                + request.getOutcomeValue())
            .getBytes(UTF_8));
    return (int) crc.getValue();
  }
}
