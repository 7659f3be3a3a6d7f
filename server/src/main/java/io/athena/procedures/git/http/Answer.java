package io.athena.procedures.git.http;

import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.HttpMediaType;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.http.ServerResponse;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import org.jspecify.annotations.Nullable;

/**
 * An answer that is not begun before there is much of it or it is complete, so that a failure early
 * on can still be told by its status.
 */
final class Answer extends OutputStream {
  private static final int BUFFER = 64 * 1024;

  private final ServerResponse response;
  private final Watch watch;
  private final String mediaType;
  private final byte[] buffer = new byte[BUFFER];
  private int filled;
  private @Nullable OutputStream body;
  private boolean clientGone;

  Answer(ServerResponse response, Watch watch, String mediaType) {
    this.response = response;
    this.watch = watch;
    this.mediaType = mediaType;
  }

  /** True once the client may have seen something. */
  boolean begun() {
    return body != null;
  }

  /** True if the client takes no more. */
  boolean clientGone() {
    return clientGone;
  }

  /** Forgets what was written; only before it has begun. */
  void discard() {
    if (begun()) {
      throw new IllegalStateException("the answer has begun");
    }
    filled = 0;
  }

  @Override
  public void write(int b) throws IOException {
    write(new byte[] {(byte) b}, 0, 1);
  }

  @Override
  public void write(byte[] bytes, int offset, int length) throws IOException {
    if (length > BUFFER - filled) {
      drain();
    }
    if (length > BUFFER) {
      send(bytes, offset, length);
    } else {
      System.arraycopy(bytes, offset, buffer, filled, length);
      filled += length;
    }
  }

  /** Passes on what there is once the answer has begun; progress is to be seen at once. */
  @Override
  public void flush() throws IOException {
    if (begun()) {
      drain();
    }
  }

  /** Sends what is left, and the end. */
  void complete() throws IOException {
    drain();
    OutputStream rest = begin();
    toClient(rest::close);
  }

  private void drain() throws IOException {
    int length = filled;
    filled = 0;
    if (length > 0) {
      send(buffer, 0, length);
    }
  }

  private void send(byte[] bytes, int offset, int length) throws IOException {
    OutputStream stream = begin();
    toClient(() -> stream.write(bytes, offset, length));
  }

  private OutputStream begin() {
    OutputStream stream = body;
    if (stream == null) {
      response.headers().contentType(HttpMediaType.create(mediaType));
      response.header(HeaderValues.create(HeaderNames.CACHE_CONTROL, "no-cache, max-age=0"));
      stream = response.outputStream();
      body = stream;
    }
    return stream;
  }

  /** Helidon tells a lost client by exceptions of its own, which would pass for faults of ours. */
  private void toClient(Step step) throws IOException {
    watch.awaitClient();
    try {
      step.run();
    } catch (CloseConnectionException | UncheckedIOException e) {
      clientGone = true;
      throw new IOException("the client is gone", e);
    } catch (IOException e) {
      clientGone = true;
      throw e;
    } finally {
      watch.clientCame();
    }
  }

  private interface Step {
    void run() throws IOException;
  }
}
