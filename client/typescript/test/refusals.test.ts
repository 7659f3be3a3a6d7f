import assert from "node:assert/strict";
import { test } from "node:test";

import { Metadata } from "@grpc/grpc-js";

import { Code, createClient, ProcedureService, Refusal } from "../athena/index.js";
import {
  BadRequestSchema,
  ErrorInfoSchema,
  PreconditionFailureSchema,
  RetryInfoSchema,
} from "../stubs/google/rpc_pb.js";
import { detail, failure, ScriptedService } from "./scripted-service.js";

async function refusalOf(error: ReturnType<typeof failure>): Promise<Refusal> {
  using service = new ScriptedService();
  const channel = await service.serve(ProcedureService, {
    getProcedure: (_, answer) => {
      answer(error);
    },
  });
  try {
    await createClient(ProcedureService, channel).getProcedure({}, { attempts: 1 });
  } catch (refusal) {
    assert.ok(refusal instanceof Refusal);
    return refusal;
  }
  return assert.fail("it was not refused");
}

test("a refusal has the service's reason, the fields that broke rules and when to come back", async () => {
  const refusal = await refusalOf(
    failure(
      Code.INVALID_ARGUMENT,
      "two; fields: 100 %",
      detail(ErrorInfoSchema, { reason: "INVALID_FIELDS", domain: "procedures.athena" }),
      detail(BadRequestSchema, { fieldViolations: [{ field: "procedure.name", description: "must not be empty" }] }),
      detail(PreconditionFailureSchema, {
        violations: [{ type: "import-os", subject: "line 3", description: "imports os" }],
      }),
      detail(RetryInfoSchema, { retryDelay: { seconds: 1n, nanos: 500_000_000 } }),
    ),
  );
  assert.equal(refusal.code, Code.INVALID_ARGUMENT);
  assert.equal(refusal.message, "two; fields: 100 %");
  assert.equal(refusal.reason, "INVALID_FIELDS");
  assert.deepEqual(refusal.fieldViolations, [
    { field: "procedure.name", description: "must not be empty" },
    { field: "line 3", description: "imports os [import-os]" },
  ]);
  assert.equal(refusal.retryAfterMs, 1500);
  assert.match(refusal.stack ?? "", /refusals\.test/);
});

test("details that cannot be read do not hide the status", async () => {
  const error = failure(Code.ABORTED, "somebody was faster");
  error.metadata.set("grpc-status-details-bin", Buffer.from([255, 255]));
  const refusal = await refusalOf(error);
  assert.equal(refusal.code, Code.ABORTED);
  assert.equal(refusal.message, "somebody was faster");
  assert.equal(refusal.reason, "");
  assert.equal(refusal.retryAfterMs, undefined);
});

test("a call that the server cancels when its time is over has run out of time, and one before was cancelled", () => {
  const cancelled = Object.assign(failure(Code.CANCELLED, "Call cancelled"), { metadata: new Metadata() });
  const late = Refusal.of(cancelled, Date.now());
  assert.equal(late.code, Code.DEADLINE_EXCEEDED);
  assert.equal(late.message, "the service did not answer within the time that the call had");
  assert.equal(Refusal.of(cancelled, Date.now() + 60_000).code, Code.CANCELLED);
});
