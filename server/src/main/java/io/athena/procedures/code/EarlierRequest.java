package io.athena.procedures.code;

import com.google.protobuf.ByteString;
import java.time.Instant;
import java.util.UUID;

/**
 * The execution that a request_id stands for.
 *
 * @param requestHash tells a repeat of the request from another one
 */
public record EarlierRequest(UUID executionId, ByteString requestHash, Instant createTime) {}
