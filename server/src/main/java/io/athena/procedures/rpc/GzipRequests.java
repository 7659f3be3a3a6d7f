package io.athena.procedures.rpc;

import io.helidon.http.encoding.ContentDecoder;
import io.helidon.http.encoding.ContentEncoder;
import io.helidon.http.encoding.ContentEncoding;
import java.io.IOException;
import java.io.InputStream;
import java.util.Set;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;

/**
 * Unpacks requests over HTTP, as git clients pack theirs. Answers stay as they are: what is large
 * among them is packed already. Helidon bounds what comes out.
 */
final class GzipRequests implements ContentEncoding {
  private static final String NAME = "gzip";

  @Override
  public Set<String> ids() {
    return Set.of(NAME, "x-gzip");
  }

  @Override
  public boolean supportsEncoding() {
    return false;
  }

  @Override
  public boolean supportsDecoding() {
    return true;
  }

  @Override
  public ContentDecoder decoder() {
    return Unpacking::new;
  }

  @Override
  public ContentEncoder encoder() {
    return ContentEncoder.NO_OP;
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public String type() {
    return NAME;
  }

  /** Reads nothing before it is asked to: the request's handler tells what is wrong with it. */
  private static final class Unpacking extends InputStream {
    private static final int BUFFER = 8 * 1024;

    private final InputStream packed;
    private @Nullable InputStream unpacked;

    Unpacking(InputStream packed) {
      this.packed = packed;
    }

    @Override
    public int read() throws IOException {
      return unpacked().read();
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
      return unpacked().read(bytes, offset, length);
    }

    @Override
    public void close() throws IOException {
      packed.close();
    }

    private InputStream unpacked() throws IOException {
      InputStream stream = unpacked;
      if (stream == null) {
        stream = new GZIPInputStream(packed, BUFFER);
        unpacked = stream;
      }
      return stream;
    }
  }
}
