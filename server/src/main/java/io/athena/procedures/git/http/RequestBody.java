package io.athena.procedures.git.http;

import io.helidon.http.HttpException;
import io.helidon.http.RequestException;
import io.helidon.http.Status;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.zip.ZipException;
import org.jspecify.annotations.Nullable;

/**
 * The packets of a request, of bounded size. What is wrong with it is kept, because what reads it
 * may make another failure of that.
 *
 * <p>Every packet begins with its length in four hexadecimal digits, these included; 0 to 2 are
 * marks without content (gitprotocol-common, "pkt-line format").
 */
final class RequestBody extends InputStream {
  private static final int HEADER = 4;
  private static final int LAST_MARK = 2;
  private static final int MOST_PACKET = 65_520;

  private final InputStream raw;
  private final Watch watch;
  private final long most;
  private long read;
  private int headerDigits;
  private int length;
  private int missing;
  private @Nullable HttpException problem;
  private boolean clientGone;

  /**
   * Around what the client sends.
   *
   * @param most bytes that it may send
   */
  RequestBody(InputStream raw, Watch watch, long most) {
    this.raw = raw;
    this.watch = watch;
    this.most = most;
  }

  /** What is wrong with the request; null if nothing is, as far as it was read. */
  @Nullable HttpException problem() {
    return problem;
  }

  /** True if the client sends no more. */
  boolean clientGone() {
    return clientGone;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] bytes, int offset, int size) throws IOException {
    if (problem != null) {
      throw new IOException("the request cannot be read", problem);
    }
    int count = readRaw(bytes, offset, size);
    if (count < 0) {
      examineEnd();
      return count;
    }
    read += count;
    if (read > most) {
      throw tooLarge();
    }
    examine(bytes, offset, count);
    return count;
  }

  private int readRaw(byte[] bytes, int offset, int size) throws IOException {
    watch.awaitClient();
    try {
      return raw.read(bytes, offset, size);
    } catch (HttpException | RequestException e) {
      // Helidon's own limit, met by a single piece of the transfer.
      throw tooLarge();
    } catch (RuntimeException e) {
      clientGone = true;
      throw new IOException("the client is gone", e);
    } catch (ZipException | EOFException e) {
      throw refuse(
          "the request is no valid gzip stream: " + e.getMessage(), Status.BAD_REQUEST_400);
    } finally {
      watch.clientCame();
    }
  }

  private void examine(byte[] bytes, int offset, int count) throws IOException {
    for (int at = offset; at < offset + count; ) {
      if (missing > 0) {
        int skipped = Math.min(missing, offset + count - at);
        missing -= skipped;
        at += skipped;
        continue;
      }
      int digit = Character.digit(bytes[at++], 16);
      if (digit < 0) {
        throw malformed("a packet does not begin with its length in four hexadecimal digits");
      }
      length = length * 16 + digit;
      headerDigits++;
      if (headerDigits == HEADER) {
        beginPacket();
      }
    }
  }

  private void beginPacket() throws IOException {
    if (length > MOST_PACKET || (length > LAST_MARK && length < HEADER)) {
      throw malformed("a packet has the length " + length);
    }
    missing = Math.max(0, length - HEADER);
    headerDigits = 0;
    length = 0;
  }

  private void examineEnd() throws IOException {
    if (read == 0) {
      throw malformed("it is empty");
    }
    if (missing > 0 || headerDigits > 0) {
      throw malformed("it ends within a packet");
    }
  }

  private IOException tooLarge() {
    return refuse(
        "the request has more than %,d bytes; fetch fewer refs at once, or have server.git.max-request-size raised"
            .formatted(most),
        Status.REQUEST_ENTITY_TOO_LARGE_413);
  }

  private IOException malformed(String what) {
    return refuse("the request is not of git's protocol: " + what, Status.BAD_REQUEST_400);
  }

  private IOException refuse(String message, Status status) {
    HttpException refusal = new HttpException(message, status, true);
    problem = refusal;
    return new IOException(message, refusal);
  }
}
