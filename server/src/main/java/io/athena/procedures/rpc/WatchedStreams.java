package io.athena.procedures.rpc;

import io.helidon.http.HttpPrologue;
import io.helidon.http.http2.Http2Headers;
import io.helidon.http.http2.Http2Settings;
import io.helidon.http.http2.Http2StreamState;
import io.helidon.http.http2.Http2StreamWriter;
import io.helidon.http.http2.StreamFlowControl;
import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.Router;
import io.helidon.webserver.http2.spi.Http2SubProtocolSelector;
import io.helidon.webserver.http2.spi.SubProtocolResult;

/** Puts a {@link WatchedStream} around every stream that carries gRPC. */
final class WatchedStreams implements Http2SubProtocolSelector {
  private final Http2SubProtocolSelector selector;
  private final int maxMessageSize;

  WatchedStreams(Http2SubProtocolSelector selector, int maxMessageSize) {
    this.selector = selector;
    this.maxMessageSize = maxMessageSize;
  }

  @Override
  public SubProtocolResult subProtocol(
      ConnectionContext context,
      HttpPrologue prologue,
      Http2Headers headers,
      Http2StreamWriter writer,
      int streamId,
      Http2Settings serverSettings,
      Http2Settings clientSettings,
      StreamFlowControl flowControl,
      Http2StreamState state,
      Router router) {
    SubProtocolResult result =
        selector.subProtocol(
            context,
            prologue,
            headers,
            writer,
            streamId,
            serverSettings,
            clientSettings,
            flowControl,
            state,
            router);
    if (!result.supported() || !(context instanceof WatchedContext watched)) {
      return result;
    }
    return new SubProtocolResult(
        true,
        new WatchedStream(
            result.subProtocol(),
            watched.connection(),
            writer,
            clientSettings,
            streamId,
            maxMessageSize));
  }
}
