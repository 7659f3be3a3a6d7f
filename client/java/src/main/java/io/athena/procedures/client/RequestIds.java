package io.athena.procedures.client;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import java.util.function.Supplier;

/** Gives requests the request_id by which the service recognises a repetition. */
final class RequestIds {
  private final Supplier<String> source;

  RequestIds(Supplier<String> source) {
    this.source = source;
  }

  /** The request itself if it has an id. */
  <M extends Message> M ensure(M request) {
    FieldDescriptor field = request.getDescriptorForType().findFieldByName("request_id");
    if (!request.getField(field).equals("")) {
      return request;
    }
    @SuppressWarnings("unchecked") // A message's builder builds that message.
    M identified = (M) request.toBuilder().setField(field, source.get()).build();
    return identified;
  }
}
