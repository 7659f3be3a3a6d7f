import assert from "node:assert/strict";
import { test } from "node:test";

import {
  Code,
  create,
  createClient,
  type ExecutionEvent,
  ExecutionService,
  type MessageInitShape,
  watchExecution,
  WatchExecutionResponseSchema,
} from "../athena/index.js";
import { failure, type Handlers, ScriptedService } from "./scripted-service.js";

type Event = NonNullable<MessageInitShape<typeof WatchExecutionResponseSchema>["event"]>;

const output = (sequence: bigint): Event => ({ sequence, event: { case: "output", value: {} } });
const completed = (sequence: bigint): Event => ({ sequence, event: { case: "completed", value: {} } });
const heartbeat = (sequence: bigint): Event => ({ sequence, event: { case: "heartbeat", value: {} } });

/** Each call is answered by the next line: events, and then what ends it, if not the end itself. */
function answering(lines: (Event | Error)[][], after: bigint[]): Handlers<typeof ExecutionService> {
  return {
    watchExecution: (call) => {
      after.push(call.request.afterSequence);
      for (const part of lines[after.length - 1] ?? []) {
        if (part instanceof Error) {
          call.emit("error", part);
          return;
        }
        call.write(create(WatchExecutionResponseSchema, { event: part }));
      }
      call.end();
    },
  };
}

async function sequences(events: AsyncIterable<ExecutionEvent>): Promise<bigint[]> {
  const seen: bigint[] = [];
  for await (const { sequence } of events) {
    seen.push(sequence);
  }
  return seen;
}

const broken = failure(Code.UNAVAILABLE, "broken");

test("each event comes once, after the last one seen, to Completed", async () => {
  using service = new ScriptedService();
  const after: bigint[] = [];
  const lines = [[output(4n), output(5n), heartbeat(5n), broken], [broken], [output(6n)], [completed(7n)]];
  const channel = await service.serve(ExecutionService, answering(lines, after));
  const events = watchExecution(createClient(ExecutionService, channel), "id", { afterSequence: 3n });
  assert.deepEqual(await sequences(events), [4n, 5n, 6n, 7n]);
  assert.deepEqual(after, [3n, 5n, 5n, 6n]);
});

test("attempts in succession that bring nothing are limited", async () => {
  using service = new ScriptedService();
  const after: bigint[] = [];
  const lines = [[broken], [output(1n), broken], [broken], [broken]];
  const channel = await service.serve(ExecutionService, answering(lines, after));
  const events = watchExecution(createClient(ExecutionService, channel), "id", { attempts: 2 });
  await assert.rejects(sequences(events), { code: Code.UNAVAILABLE, message: "broken" });
  assert.deepEqual(after, [0n, 0n, 1n]);
});

test("streams that end without an outcome are told", async () => {
  using service = new ScriptedService();
  const channel = await service.serve(ExecutionService, answering([[], []], []));
  const events = watchExecution(createClient(ExecutionService, channel), "id", { attempts: 2 });
  await assert.rejects(sequences(events), /without telling an outcome/);
});

test("what the service refuses is not tried again", async () => {
  using service = new ScriptedService();
  const after: bigint[] = [];
  const channel = await service.serve(
    ExecutionService,
    answering([[failure(Code.NOT_FOUND, "there is none")], [completed(1n)]], after),
  );
  await assert.rejects(sequences(watchExecution(createClient(ExecutionService, channel), "id")), {
    code: Code.NOT_FOUND,
  });
  assert.equal(after.length, 1);
});
