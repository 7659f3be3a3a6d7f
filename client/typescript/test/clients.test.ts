import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";

import {
  Code,
  create,
  createClient,
  ExecuteProcedureResponseSchema,
  ExecutionService,
  ForgetProcedureResponseSchema,
  type ImportProceduresRequest,
  ImportProceduresResponseSchema,
  openChannel,
  ProcedureService,
  Refusal,
  RememberProcedureResponseSchema,
  SubmitExecutionResponseSchema,
} from "../athena/index.js";
import { failure, ScriptedService } from "./scripted-service.js";

const unavailable = failure(Code.UNAVAILABLE, "not now");

test("a call is repeated while the service is unavailable, with one request_id", async () => {
  using service = new ScriptedService();
  const seen: string[] = [];
  const channel = await service.serve(ProcedureService, {
    rememberProcedure: ({ request }, answer) => {
      seen.push(request.requestId);
      if (seen.length < 3) {
        answer(unavailable);
      } else {
        answer(null, create(RememberProcedureResponseSchema, { procedure: { procedureId: 7n } }));
      }
    },
  });
  const { procedure } = await createClient(ProcedureService, channel).rememberProcedure({ procedure: { name: "x" } });
  assert.equal(procedure?.procedureId, 7n);
  assert.equal(seen.length, 3);
  assert.match(seen[0] ?? "", /^[0-9a-f-]{36}$/);
  assert.equal(new Set(seen).size, 1);
});

test("a run that is submitted is given a request_id, and one of the caller's is kept", async () => {
  using service = new ScriptedService();
  const seen: (string | undefined)[] = [];
  const channel = await service.serve(ExecutionService, {
    submitExecution: ({ request }, answer) => {
      seen.push(request.execution?.requestId);
      answer(null, create(SubmitExecutionResponseSchema));
    },
  });
  const executions = createClient(ExecutionService, channel);
  await executions.submitExecution({ execution: { procedureId: 1n } });
  await executions.submitExecution({ execution: { procedureId: 1n, requestId: "mine" } });
  assert.match(seen[0] ?? "", /^[0-9a-f-]{36}$/);
  assert.equal(seen[1], "mine");
});

test("what must not happen twice is called once", async () => {
  using service = new ScriptedService();
  let calls = 0;
  const channel = await service.serve(ProcedureService, {
    forgetProcedure: (_, answer) => {
      calls++;
      answer(calls === 1 ? unavailable : null, create(ForgetProcedureResponseSchema));
    },
  });
  await assert.rejects(createClient(ProcedureService, channel).forgetProcedure({ procedureId: 1n }), {
    name: "Refusal",
    code: Code.UNAVAILABLE,
  });
  assert.equal(calls, 1);
});

test("a call that the service has decided is not repeated, nor one that may be made once", async () => {
  using service = new ScriptedService();
  let calls = 0;
  const channel = await service.serve(ProcedureService, {
    getProcedure: ({ request }, answer) => {
      calls++;
      answer(request.key.value === "gone" ? failure(Code.NOT_FOUND, "there is none") : unavailable);
    },
  });
  const procedures = createClient(ProcedureService, channel);
  await assert.rejects(procedures.getProcedure({ key: { case: "name", value: "gone" } }), { code: Code.NOT_FOUND });
  await assert.rejects(procedures.getProcedure({ key: { case: "name", value: "x" } }, { attempts: 1 }), {
    code: Code.UNAVAILABLE,
  });
  assert.equal(calls, 2);
});

test("a stream is called again until it has given something", async () => {
  using service = new ScriptedService();
  let calls = 0;
  const channel = await service.serve(ExecutionService, {
    executeProcedure: (call) => {
      calls++;
      if (calls > 1) {
        call.write(create(ExecuteProcedureResponseSchema, { event: { sequence: BigInt(calls) } }));
      }
      call.emit("error", unavailable);
    },
  });
  const seen: bigint[] = [];
  await assert.rejects(
    async () => {
      for await (const { event } of createClient(ExecutionService, channel).executeProcedure({ procedureId: 1n })) {
        seen.push(event?.sequence ?? 0n);
      }
    },
    { code: Code.UNAVAILABLE },
  );
  assert.deepEqual(seen, [2n]);
  assert.equal(calls, 2);
});

test("leaving a stream ends its call", { timeout: 10_000 }, async () => {
  using service = new ScriptedService();
  let cancelled: Promise<unknown> | undefined;
  const channel = await service.serve(ExecutionService, {
    executeProcedure: (call) => {
      cancelled = once(call, "cancelled");
      call.write(create(ExecuteProcedureResponseSchema));
    },
  });
  for await (const answer of createClient(ExecutionService, channel).executeProcedure({ procedureId: 1n })) {
    assert.ok(answer);
    break;
  }
  await cancelled;
});

test("time runs out for all attempts together, and what kept failing is told", async () => {
  using service = new ScriptedService();
  const channel = await service.serve(
    ProcedureService,
    {
      getProcedure: () => {
        // Never answers.
      },
      listProcedures: (() => {
        let calls = 0;
        return (_: unknown, answer: (error: typeof unavailable) => void) => {
          calls++;
          if (calls === 1) {
            answer(unavailable);
          }
        };
      })(),
    },
    { timeoutMs: 300 },
  );
  const procedures = createClient(ProcedureService, channel);
  await assert.rejects(procedures.getProcedure({ key: { case: "name", value: "x" } }), {
    code: Code.DEADLINE_EXCEEDED,
    message: "the service did not answer within the time that the call had",
  });
  await assert.rejects(procedures.listProcedures({}), { code: Code.UNAVAILABLE, message: "not now" });
});

test("an aborted signal ends a call, and a pause between two", { timeout: 10_000 }, async () => {
  using service = new ScriptedService();
  const controller = new AbortController();
  let calls = 0;
  const channel = await service.serve(ProcedureService, {
    getProcedure: (_, answer) => {
      calls++;
      controller.abort();
      answer(unavailable);
    },
  });
  const procedures = createClient(ProcedureService, channel);
  await assert.rejects(
    procedures.getProcedure({ key: { case: "name", value: "x" } }, { signal: controller.signal }),
    Refusal,
  );
  await assert.rejects(procedures.getProcedure({ key: { case: "name", value: "x" } }, { signal: controller.signal }), {
    code: Code.CANCELLED,
  });
  assert.equal(calls, 1);
});

test("closing a channel ends the calls that are under way", { timeout: 10_000 }, async () => {
  using service = new ScriptedService();
  const channel = await service.serve(ExecutionService, {
    executeProcedure: (call) => {
      call.write(create(ExecuteProcedureResponseSchema));
    },
  });
  await assert.rejects(
    async () => {
      for await (const answer of createClient(ExecutionService, channel).executeProcedure({ procedureId: 1n })) {
        assert.ok(answer);
        channel.close();
      }
    },
    { code: Code.CANCELLED },
  );
});

test("what is imported is sent message by message, and the answer to all of it is given", async () => {
  using service = new ScriptedService();
  const channel = await service.serve(ProcedureService, {
    importProcedures: (call, answer) => {
      const names: string[] = [];
      call.on("data", ({ procedure }: ImportProceduresRequest) => names.push(procedure?.name ?? "none"));
      call.on("end", () => {
        const errors = names.map((name, index) => ({ index, name }));
        answer(null, create(ImportProceduresResponseSchema, { errors }));
      });
    },
  });
  const { errors } = await createClient(ProcedureService, channel).importProcedures([
    { options: { allOrNothing: true } },
    { procedure: { name: "a" } },
    { procedure: { name: "b" } },
  ]);
  assert.deepEqual(
    errors.map(({ name }) => name),
    ["none", "a", "b"],
  );
});

test("options that make no sense are refused", () => {
  assert.throws(() => openChannel("127.0.0.1:70700"), /port is above 65535/);
  assert.throws(() => openChannel("127.0.0.1:1", { token: "two words" }), /without blanks/);
  assert.throws(() => openChannel("127.0.0.1:1", { attempts: 0 }), /at least once/);
  assert.throws(() => openChannel("127.0.0.1:1", { timeoutMs: -1 }), /timeoutMs/);
});
