import { type ServiceError, status as Code } from "@grpc/grpc-js";
import { fromBinary, type Message } from "@bufbuild/protobuf";
import type { GenMessage } from "@bufbuild/protobuf/codegenv2";
import { anyUnpack, durationMs } from "@bufbuild/protobuf/wkt";

import {
  BadRequestSchema,
  ErrorInfoSchema,
  PreconditionFailureSchema,
  RetryInfoSchema,
  StatusSchema,
  type Status,
} from "../stubs/google/rpc_pb.js";

/** A field of the request that breaks a rule, or a place in code that breaks the policy. */
export interface FieldViolation {
  /** Path of the field, such as `procedure.parameters[0].name`; or the place, such as `line 3`. */
  readonly field: string;
  /** What the rule is; of code, what was found and, in brackets, the rule's id. */
  readonly description: string;
}

/**
 * A call that the service refused, or that did not reach it. Its message is one or more sentences for people.
 *
 * What a procedure's own code does wrong is not thrown, but told as the outcome of its execution.
 */
export class Refusal extends Error {
  override readonly name = "Refusal";
  /** The status of the call; `Code[refusal.code]` is its name. */
  readonly code: Code;
  /** The service's stable reason, such as `ETAG_MISMATCH`; empty if the failure did not come from the service. */
  readonly reason: string;
  /** The fields that broke a rule. */
  readonly fieldViolations: readonly FieldViolation[];
  /** Milliseconds that the service asks to wait before the call is repeated; undefined if it does not ask. */
  readonly retryAfterMs: number | undefined;

  private constructor(error: ServiceError, code: Code) {
    const status = statusOf(error);
    const details = status?.details ?? [];
    const reason = find(details, ErrorInfoSchema)[0]?.reason ?? "";
    // What gRPC itself says when time runs out is about its own affairs.
    const late = code === Code.DEADLINE_EXCEEDED && reason === "";
    // The plain text comes percent-encoded, and grpc-js leaves some of it so, such as semicolons.
    super(late ? "the service did not answer within the time that the call had" : status?.message || error.details);
    this.code = code;
    this.reason = reason;
    this.fieldViolations = [
      ...find(details, BadRequestSchema).flatMap((request) =>
        request.fieldViolations.map(({ field, description }) => ({ field, description })),
      ),
      ...find(details, PreconditionFailureSchema).flatMap((failure) =>
        failure.violations.map((v) => ({ field: v.subject, description: `${v.description} [${v.type}]` })),
      ),
    ];
    const delay = find(details, RetryInfoSchema)[0]?.retryDelay;
    this.retryAfterMs = delay && durationMs(delay);
    // Where the call was made, not where gRPC heard of its end.
    const caller = error.stack?.split("for call at\n")[1];
    if (caller !== undefined) {
      this.stack = `${this.name}: ${this.message}\n${caller}`;
    }
  }

  /**
   * Of a failed call of gRPC that has just ended.
   *
   * @param deadline when the call had to end, in milliseconds since 1970
   */
  static of(error: ServiceError, deadline: number): Refusal {
    // A server whose clock strikes first cancels the stream, which grpc-js, unlike gRPC elsewhere, tells as it comes. The
    // millisecond is what Date.now() leaves out.
    const late = error.code === Code.CANCELLED && Date.now() + 1 >= deadline;
    return new Refusal(error, late ? Code.DEADLINE_EXCEEDED : error.code);
  }
}

function statusOf(error: ServiceError): Status | undefined {
  const [bytes] = error.metadata.get("grpc-status-details-bin");
  if (!(bytes instanceof Uint8Array)) {
    return undefined;
  }
  try {
    return fromBinary(StatusSchema, bytes);
  } catch {
    // The plain text tells enough; details that cannot be read must not hide it.
    return undefined;
  }
}

function find<T extends Message>(details: Status["details"], schema: GenMessage<T>): T[] {
  return details.map((detail) => anyUnpack(detail, schema)).filter((detail) => detail !== undefined);
}
