package io.athena.procedures.execution;

import com.google.protobuf.ByteString;
import com.google.protobuf.Struct;
import io.athena.procedures.v1.ExecuteProcedureRequest;
import io.athena.procedures.v1.ExecutionLimits;
import java.time.Instant;
import java.util.UUID;

/**
 * A run that may begin: everything about it was checked.
 *
 * @param code empty if the procedure has none
 * @param request what was asked for
 * @param requestHash tells a repeat of the request from another one
 * @param parameters with defaults filled in
 * @param limits with defaults filled in
 * @param isFollowed true if a caller waits for it, false if it came from the queue
 * @param stdin true if the caller may write to the program
 */
record Admission(
    UUID executionId,
    long procedureId,
    String procedureName,
    String project,
    int version,
    String commitId,
    String code,
    ExecuteProcedureRequest request,
    ByteString requestHash,
    Struct parameters,
    ExecutionLimits limits,
    boolean stdin,
    boolean isFollowed,
    Instant createTime) {

  /** True if there is something to run. */
  boolean hasCode() {
    return version > 0;
  }
}
