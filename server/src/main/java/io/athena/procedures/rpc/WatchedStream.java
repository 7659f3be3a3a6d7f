package io.athena.procedures.rpc;

import io.grpc.Context;
import io.grpc.Status;
import io.helidon.common.buffers.BufferData;
import io.helidon.http.http2.Http2ErrorCode;
import io.helidon.http.http2.Http2Flag;
import io.helidon.http.http2.Http2FrameHeader;
import io.helidon.http.http2.Http2RstStream;
import io.helidon.http.http2.Http2Settings;
import io.helidon.http.http2.Http2StreamState;
import io.helidon.http.http2.Http2StreamWriter;
import io.helidon.http.http2.Http2WindowUpdate;
import io.helidon.webserver.http2.spi.Http2SubProtocolSelector.SubProtocolHandler;
import java.io.UncheckedIOException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One HTTP/2 stream of Helidon with a gRPC call in it: ends the call when its connection ends, and
 * refuses messages that Helidon would stumble over.
 */
final class WatchedStream implements SubProtocolHandler {
  /** The stream of the call that is being started; absent on other transports. */
  static final Context.Key<WatchedStream> CURRENT = Context.key("athena-http2-stream");

  private static final Logger log = LoggerFactory.getLogger(WatchedStream.class);

  private final SubProtocolHandler handler;
  private final WatchedConnection connection;
  private final Http2StreamWriter writer;
  private final Http2Settings clientSettings;
  private final int streamId;
  private final MessageFrames frames;
  private volatile @Nullable Thread thread;

  /** True while the stream's thread is in a handler, where an interrupt would hit what it uses. */
  private volatile boolean busy;

  private volatile boolean gone;

  private @Nullable Consumer<Status> refusal;

  WatchedStream(
      SubProtocolHandler handler,
      WatchedConnection connection,
      Http2StreamWriter writer,
      Http2Settings clientSettings,
      int streamId,
      int maxMessageSize) {
    this.handler = handler;
    this.connection = connection;
    this.writer = writer;
    this.clientSettings = clientSettings;
    this.streamId = streamId;
    this.frames = new MessageFrames(maxMessageSize);
  }

  /** What closes the call with a status when its messages cannot be taken. */
  void onRefusal(Consumer<Status> action) {
    refusal = action;
  }

  @Override
  public void init() {
    thread = Thread.currentThread();
    busy = true;
    connection.opened(streamId, this, writer);
    try {
      Context.current().withValue(CURRENT, this).run(handler::init);
    } finally {
      busy = false;
    }
    // A reset that overtook the start found no listener to tell.
    if (gone || handler.streamState() == Http2StreamState.CLOSED) {
      cancel();
    }
  }

  @Override
  public void data(Http2FrameHeader header, BufferData data) {
    Status refused = frames.examine(data);
    Consumer<Status> refuse = refusal;
    if (refused != null && refuse != null) {
      refuse.accept(refused);
    }
    busy = true;
    try {
      // Once the call is closed, Helidon only looks whether this is the last frame.
      handler.data(header, data);
    } finally {
      busy = false;
    }
  }

  @Override
  public Http2StreamState streamState() {
    Http2StreamState state = handler.streamState();
    if (state == Http2StreamState.CLOSED) {
      connection.closed(streamId);
    }
    return state;
  }

  @Override
  public void rstStream(Http2RstStream reset) {
    // Before the first callback Helidon has no listener to tell; the stream's thread finds out when
    // it writes.
    handler.rstStream(new Http2RstStream(Http2ErrorCode.CANCEL));
    connection.closed(streamId);
  }

  @Override
  public void windowUpdate(Http2WindowUpdate update) {
    handler.windowUpdate(update);
  }

  /** Tells the caller that this stream is over, when a status can no longer be sent. */
  void reset() {
    try {
      writer.write(
          new Http2RstStream(Http2ErrorCode.CANCEL)
              .toFrameData(clientSettings, streamId, Http2Flag.NoFlags.create()));
    } catch (UncheckedIOException | io.helidon.webserver.CloseConnectionException e) {
      log.debug("stream {} could not be reset", streamId, e);
    }
    connectionEnded();
  }

  /** Ends the call, and its thread if that waits for frames that cannot come. */
  void connectionEnded() {
    cancel();
    Thread waiting = thread;
    if (waiting != null && !busy) {
      waiting.interrupt();
    }
  }

  private void cancel() {
    gone = true;
    // Whatever the peer's reason was, to Helidon only CANCEL means that nothing can be sent.
    handler.rstStream(new Http2RstStream(Http2ErrorCode.CANCEL));
    connection.closed(streamId);
  }
}
