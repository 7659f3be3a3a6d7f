import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";

import type { ServerDuplexStream } from "@grpc/grpc-js";

import {
  Code,
  create,
  createClient,
  ExecutionService,
  type RunProcedureRequest,
  type RunProcedureResponse,
  RunProcedureResponseSchema,
  startRun,
  type Tool,
  toJson,
  ToolError,
  ValueSchema,
} from "../athena/index.js";
import { failure, ScriptedService } from "./scripted-service.js";

type Program = ServerDuplexStream<RunProcedureRequest, RunProcedureResponse>;

const accepted = create(RunProcedureResponseSchema, {
  event: { sequence: 1n, event: { case: "accepted", value: {} } },
});
const completed = create(RunProcedureResponseSchema, { event: { event: { case: "completed", value: {} } } });

/** Calls tools, all at once, and completes when each has been answered. */
function callingTools(names: string[], answers: Map<string, unknown>): (call: Program) => void {
  return (call) => {
    call.write(accepted);
    for (const name of names) {
      const toolCall = { callId: name, name, arguments: { key: 1 } };
      call.write(create(RunProcedureResponseSchema, { event: { event: { case: "toolCall", value: toolCall } } }));
    }
    call.on("data", ({ request }: RunProcedureRequest) => {
      if (request.case === "toolResult") {
        const { callId, answer } = request.value;
        answers.set(callId, answer.case === "value" ? toJson(ValueSchema, answer.value) : answer.value);
      }
      if (answers.size === names.length) {
        call.write(completed);
        call.end();
      }
    });
  };
}

async function played(
  tools: Record<string, Tool>,
  names: string[],
  concurrentTools = 8,
): Promise<Map<string, unknown>> {
  using service = new ScriptedService();
  const answers = new Map<string, unknown>();
  const channel = await service.serve(ExecutionService, { runProcedure: callingTools(names, answers) });
  const executions = createClient(ExecutionService, channel);
  await using run = await startRun(executions, { procedureId: 1n }, tools, { concurrentTools });
  for await (const event of run) {
    assert.ok(event);
  }
  return answers;
}

test("tools answer by values of JSON, and by errors that the program may see", async () => {
  const answers = await played(
    {
      later: async ({ key }) => Promise.resolve({ key: key ?? null, list: [1, null, "x"] }),
      nothing: () => null,
      refusing: () => {
        throw new ToolError("nobody sells it");
      },
    },
    ["later", "nothing", "refusing", "unknown"],
  );
  assert.deepEqual(answers.get("later"), { key: 1, list: [1, null, "x"] });
  assert.equal(answers.get("nothing"), null);
  assert.equal(answers.get("refusing"), "nobody sells it");
  assert.equal(answers.get("unknown"), "there is no tool unknown; there are: later, nothing, refusing");
});

test("of other errors the program sees the kind, and the caller all", async () => {
  using service = new ScriptedService();
  const answers = new Map<string, unknown>();
  const channel = await service.serve(ExecutionService, { runProcedure: callingTools(["bad"], answers) });
  const run = await startRun(
    createClient(ExecutionService, channel),
    { procedureId: 1n },
    {
      bad: () => {
        throw new TypeError("password is 1234");
      },
    },
  );
  for await (const event of run) {
    assert.ok(event);
  }
  await assert.rejects(run.close(), { name: "TypeError", message: "password is 1234" });
  assert.equal(answers.get("bad"), "the tool bad failed: TypeError");
});

test("so many tools are at work at a time, and no more", async () => {
  let working = 0;
  let most = 0;
  const tool: Tool = async () => {
    working++;
    most = Math.max(most, working);
    await new Promise(setImmediate);
    working--;
    return null;
  };
  const names = ["a", "b", "c", "d", "e"];
  const answers = await played(Object.fromEntries(names.map((name) => [name, tool])), names, 2);
  assert.equal(answers.size, 5);
  assert.equal(most, 2);
});

test("standard input comes in pieces that the service takes, and ends", async () => {
  using service = new ScriptedService();
  const sizes: number[] = [];
  const channel = await service.serve(ExecutionService, {
    runProcedure: (call) => {
      call.write(accepted);
      call.on("data", ({ request }: RunProcedureRequest) => {
        if (request.case === "stdin") {
          sizes.push(request.value.length);
        } else if (request.case === "closeStdin") {
          call.write(completed);
          call.end();
        }
      });
    },
  });
  await using run = await startRun(createClient(ExecutionService, channel), { procedureId: 1n });
  assert.equal(await run.writeStdin(new Uint8Array(2_500_000)), true);
  assert.equal(await run.closeStdin(), true);
  for await (const event of run) {
    assert.ok(event);
  }
  assert.deepEqual(sizes, [1 << 20, 1 << 20, 2_500_000 - (2 << 20)]);
  assert.equal(await run.writeStdin(new Uint8Array(1)), false);
  assert.equal(await run.cancel(), false);
});

test("a start is tried again with the same request_id; a run that is not admitted is told", async () => {
  using service = new ScriptedService();
  const seen: unknown[] = [];
  const channel = await service.serve(ExecutionService, {
    runProcedure: (call) => {
      call.on("data", ({ request }: RunProcedureRequest) => {
        seen.push(request.case === "start" ? request.value.requestId : request.case);
        call.emit("error", failure(seen.length === 1 ? Code.UNAVAILABLE : Code.NOT_FOUND, "no"));
      });
    },
  });
  await assert.rejects(startRun(createClient(ExecutionService, channel), { procedureId: 1n }), {
    code: Code.NOT_FOUND,
  });
  assert.equal(seen.length, 2);
  assert.match(String(seen[0]), /^[0-9a-f-]{36}$/);
  assert.equal(seen[0], seen[1]);
});

test("closing a run before its end ends the call", { timeout: 10_000 }, async () => {
  using service = new ScriptedService();
  let cancelled: Promise<unknown> | undefined;
  const channel = await service.serve(ExecutionService, {
    runProcedure: (call) => {
      cancelled = once(call, "cancelled");
      call.write(accepted);
    },
  });
  const run = await startRun(createClient(ExecutionService, channel), { procedureId: 1n });
  await run.close();
  await cancelled;
});
