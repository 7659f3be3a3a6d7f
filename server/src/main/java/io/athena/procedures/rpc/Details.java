package io.athena.procedures.rpc;

import com.google.protobuf.Any;
import com.google.protobuf.Duration;
import com.google.protobuf.Message;
import com.google.rpc.BadRequest;
import com.google.rpc.Code;
import com.google.rpc.ErrorInfo;
import com.google.rpc.PreconditionFailure;
import com.google.rpc.RetryInfo;
import com.google.rpc.Status;
import io.athena.procedures.error.FailedPreconditionException;
import io.athena.procedures.error.InvalidArgumentException;
import io.athena.procedures.error.InvalidArgumentException.Violation;
import io.athena.procedures.error.ServiceException;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Builds statuses with details. The whole stays under 2 kB: a header entry above 4 kB breaks
 * Helidon's HPACK table, and Base64 and proxies want their part.
 */
final class Details {
  static final String DOMAIN = "procedures.athena";
  private static final int MOST_BYTES = 2_000;
  private static final int MOST_MESSAGE = 600;
  private static final int MOST_VALUE = 100;
  private static final int MOST_ENTRIES = 8;

  private Details() {}

  static StatusRuntimeException of(Code code, ServiceException failure) {
    return of(code, String.valueOf(failure.getMessage()), failure.reason(), failure.metadata());
  }

  static StatusRuntimeException of(
      Code code, String message, String reason, Map<String, String> metadata) {
    return status(code, message, info(reason, metadata), List.of());
  }

  static StatusRuntimeException of(InvalidArgumentException failure, List<Violation> violations) {
    String message = String.valueOf(failure.getMessage());
    ErrorInfo info = info(failure.reason(), failure.metadata());
    int kept = violations.size();
    while (true) {
      BadRequest.Builder request = BadRequest.newBuilder();
      for (Violation violation : violations.subList(0, kept)) {
        request
            .addFieldViolationsBuilder()
            .setField(cut(violation.field(), MOST_VALUE))
            .setDescription(cut(violation.description(), 4 * MOST_VALUE));
      }
      BadRequest built = request.build();
      if (kept <= 1 || built.getSerializedSize() + 2 * MOST_VALUE < MOST_BYTES - MOST_MESSAGE) {
        return status(Code.INVALID_ARGUMENT, message, info, List.of(built));
      }
      kept--;
    }
  }

  static StatusRuntimeException of(
      FailedPreconditionException failure, List<FailedPreconditionException.Violation> violations) {
    PreconditionFailure.Builder details = PreconditionFailure.newBuilder();
    for (FailedPreconditionException.Violation violation : violations) {
      PreconditionFailure.Violation added =
          PreconditionFailure.Violation.newBuilder()
              .setType(cut(violation.type(), MOST_VALUE))
              .setSubject(cut(violation.subject(), MOST_VALUE))
              .setDescription(cut(violation.description(), 2 * MOST_VALUE))
              .build();
      int size = details.build().getSerializedSize() + added.getSerializedSize();
      if (size + 4 * MOST_VALUE > MOST_BYTES - MOST_MESSAGE) {
        break;
      }
      details.addViolations(added);
    }
    return status(
        Code.FAILED_PRECONDITION,
        String.valueOf(failure.getMessage()),
        info(failure.reason(), failure.metadata()),
        details.getViolationsCount() == 0 ? List.of() : List.of(details.build()));
  }

  /** With the time before which a repeat has no chance. */
  static StatusRuntimeException of(
      Code code, ServiceException failure, java.time.Duration retryAfter) {
    RetryInfo retry =
        RetryInfo.newBuilder()
            .setRetryDelay(
                Duration.newBuilder()
                    .setSeconds(retryAfter.toSeconds())
                    .setNanos(retryAfter.toNanosPart()))
            .build();
    return status(
        code,
        String.valueOf(failure.getMessage()),
        info(failure.reason(), failure.metadata()),
        List.of(retry));
  }

  private static StatusRuntimeException status(
      Code code, String message, ErrorInfo info, List<? extends Message> more) {
    List<Any> details = new ArrayList<>();
    details.add(Any.pack(info));
    more.forEach(detail -> details.add(Any.pack(detail)));
    Status.Builder status =
        Status.newBuilder().setCode(code.getNumber()).setMessage(cut(message, MOST_MESSAGE));
    int room = MOST_BYTES - status.build().getSerializedSize();
    for (Any detail : details) {
      room -= detail.getSerializedSize() + 4;
      if (room >= 0) {
        status.addDetails(detail);
      }
    }
    return StatusProto.toStatusRuntimeException(status.build());
  }

  private static ErrorInfo info(String reason, Map<String, String> metadata) {
    ErrorInfo.Builder info = ErrorInfo.newBuilder().setReason(reason).setDomain(DOMAIN);
    metadata.entrySet().stream()
        .sorted(Map.Entry.comparingByKey())
        .limit(MOST_ENTRIES)
        .forEach(entry ->
            info.putMetadata(cut(entry.getKey(), MOST_VALUE), cut(entry.getValue(), MOST_VALUE)));
    return info.build();
  }

  /** Shortens to a number of UTF-8 bytes, at the border of a character. */
  static String cut(String text, int bytes) {
    if (com.google.protobuf.ByteString.copyFromUtf8(text).size() <= bytes) {
      return text;
    }
    StringBuilder shorter = new StringBuilder();
    int left = bytes - 3;
    for (int at = 0; at < text.length(); ) {
      int character = text.codePointAt(at);
      int size = character < 0x80 ? 1 : character < 0x800 ? 2 : character < 0x10000 ? 3 : 4;
      if (left < size) {
        break;
      }
      left -= size;
      shorter.appendCodePoint(character);
      at += Character.charCount(character);
    }
    return shorter.append('…').toString();
  }
}
