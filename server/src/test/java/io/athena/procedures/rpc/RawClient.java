package io.athena.procedures.rpc;

import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http2.DefaultHttp2HeadersDecoder;
import io.netty.handler.codec.http2.Http2Headers;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/** A client that writes the HTTP/2 frames that a well-behaved one would not. */
final class RawClient implements Closeable {
  static final int DATA = 0;
  static final int HEADERS = 1;
  static final int RST_STREAM = 3;
  static final int SETTINGS = 4;
  static final int GOAWAY = 7;
  static final int END_STREAM = 1;
  static final int END_HEADERS = 4;
  static final int ACK = 1;

  // Of HPACK's static table.
  private static final int AUTHORITY = 1;
  private static final int METHOD_POST = 3;
  private static final int PATH = 4;
  private static final int SCHEME_HTTP = 6;

  /** A frame as it came. */
  @SuppressWarnings("ArrayRecordComponent") // Only read.
  record Frame(int type, int flags, int stream, byte[] payload) {
    boolean endsStream() {
      return (type == DATA || type == HEADERS) && (flags & END_STREAM) != 0;
    }
  }

  final Socket socket;
  private final DataOutputStream out;
  private final DataInputStream in;
  private final DefaultHttp2HeadersDecoder decoder = new DefaultHttp2HeadersDecoder(false, 1 << 20);

  RawClient(int port) throws IOException {
    socket = new Socket(InetAddress.getLoopbackAddress(), port);
    socket.setSoTimeout(10_000);
    out = new DataOutputStream(socket.getOutputStream());
    in = new DataInputStream(socket.getInputStream());
    out.write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
    write(SETTINGS, 0, 0, new byte[0]);
  }

  void write(int type, int flags, int stream, byte[] payload) throws IOException {
    ByteArrayOutputStream frame = new ByteArrayOutputStream();
    DataOutputStream data = new DataOutputStream(frame);
    data.writeByte(payload.length >> 16);
    data.writeShort(payload.length);
    data.writeByte(type);
    data.writeByte(flags);
    data.writeInt(stream);
    data.write(payload);
    out.write(frame.toByteArray());
    out.flush();
  }

  /** Starts a call with the headers that every call has. */
  void call(int stream, String method, HeaderBlock more) throws IOException {
    HeaderBlock block =
        new HeaderBlock()
            .fromTable(METHOD_POST)
            .fromTable(SCHEME_HTTP)
            .named(PATH, "/athena.procedures.v1.ExecutionService/" + method)
            .named(AUTHORITY, "localhost")
            .literal("content-type", "application/grpc")
            .literal("te", "trailers");
    write(HEADERS, END_HEADERS, stream, block.append(more).bytes());
  }

  /** Sends one message and closes the sending side. */
  void message(int stream, byte[] message) throws IOException {
    ByteArrayOutputStream framed = new ByteArrayOutputStream();
    DataOutputStream data = new DataOutputStream(framed);
    data.writeByte(0);
    data.writeInt(message.length);
    data.write(message);
    write(DATA, END_STREAM, stream, framed.toByteArray());
  }

  /** The next frame that belongs to a stream; those of the connection are passed over. */
  Frame next() throws IOException {
    while (true) {
      int length = in.readUnsignedByte() << 16 | in.readUnsignedShort();
      int type = in.readUnsignedByte();
      int flags = in.readUnsignedByte();
      int stream = in.readInt();
      byte[] payload = in.readNBytes(length);
      if (type == SETTINGS && (flags & ACK) == 0) {
        write(SETTINGS, ACK, 0, new byte[0]);
      }
      if (type == GOAWAY) {
        throw new IOException("GOAWAY " + java.util.HexFormat.of().formatHex(payload));
      }
      if (stream != 0) {
        return new Frame(type, flags, stream, payload);
      }
    }
  }

  /** The trailers of the stream, all that comes before being passed over. */
  Map<String, String> trailers(int stream) throws Exception {
    while (true) {
      Frame frame = next();
      if (frame.type() == RST_STREAM) {
        throw new IOException("stream " + frame.stream() + " was reset");
      }
      if (frame.type() == HEADERS) {
        Http2Headers headers =
            decoder.decodeHeaders(frame.stream(), Unpooled.wrappedBuffer(frame.payload()));
        if (frame.stream() == stream && frame.endsStream()) {
          Map<String, String> values = new HashMap<>();
          headers.forEach(
              header -> values.put(header.getKey().toString(), header.getValue().toString()));
          return values;
        }
      }
    }
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }

  /** Headers in HPACK, without Huffman. */
  static final class HeaderBlock {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    /** Not to be put into the table. */
    HeaderBlock literal(String name, String value) {
      bytes.write(0);
      text(name);
      text(value);
      return this;
    }

    /** To be put into the table. */
    HeaderBlock indexed(String name, String value) {
      bytes.write(0x40);
      text(name);
      text(value);
      return this;
    }

    /** With a name of the static table; not to be put into the dynamic one. */
    HeaderBlock named(int index, String value) {
      bytes.write(index);
      text(value);
      return this;
    }

    /** From the tables: 62 is the newest of the dynamic one. */
    HeaderBlock fromTable(int index) {
      bytes.write(0x80 | index);
      return this;
    }

    HeaderBlock append(HeaderBlock more) {
      bytes.writeBytes(more.bytes());
      return this;
    }

    byte[] bytes() {
      return bytes.toByteArray();
    }

    private void text(String text) {
      byte[] ascii = text.getBytes(StandardCharsets.US_ASCII);
      if (ascii.length < 127) {
        bytes.write(ascii.length);
      } else {
        bytes.write(127);
        int rest = ascii.length - 127;
        while (rest >= 128) {
          bytes.write(rest % 128 + 128);
          rest /= 128;
        }
        bytes.write(rest);
      }
      bytes.writeBytes(ascii);
    }
  }
}
