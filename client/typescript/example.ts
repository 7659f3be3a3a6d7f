/**
 * Takes a procedure through its life: `node target/example.js`.
 *
 * ATHENA_SERVER names the server, by default 127.0.0.1:7070; ATHENA_TOKEN is the token, if it asks for one.
 */
import { randomUUID } from "node:crypto";

import {
  type Client,
  Code,
  createClient,
  type ExecutionEvent,
  ExecutionService,
  openChannel,
  Outcome,
  OutputStream,
  ParameterType,
  ProcedureService,
  Refusal,
  startRun,
  toJson,
  ToolError,
  ValueSchema,
  watchExecution,
} from "./athena/index.js";

const CODE = `
import sandbox

def total(items: list = ["pen", "ink"]) -> float:
    """Adds up what items cost, at prices that only the caller knows."""
    total = 0.0
    for item in items:
        try:
            price = sandbox.tools.price(item=item)
        except sandbox.ToolError as error:
            print(error)
        else:
            print(item, price)
            total += price
    return total
`;

const PRICES = new Map([
  ["pen", 1.5],
  ["ink", 4],
]);

/** A tool of this caller's: what an item costs. */
function price({ item }: { item?: unknown }): number {
  const cost = PRICES.get(String(item));
  if (cost === undefined) {
    throw new ToolError(`nobody sells ${String(item)}`);
  }
  return cost;
}

/** Stores a procedure with code. Each request is given a request_id, so that a repetition stores nothing twice. */
async function remember(procedures: Client<typeof ProcedureService>): Promise<bigint> {
  const { procedure } = await procedures.rememberProcedure({
    procedure: {
      name: `total-${randomUUID()}`,
      description: "Adds up what items cost",
      parameters: [{ name: "items", type: ParameterType.ARRAY }],
    },
  });
  const procedureId = procedure?.procedureId ?? 0n;
  await procedures.saveProcedureCode({ procedureId, code: CODE });
  return procedureId;
}

/** Runs it, and answers its tool calls meanwhile. */
async function runWithTools(executions: Client<typeof ExecutionService>, procedureId: bigint): Promise<void> {
  const request = { procedureId, parameters: { items: ["pen", "ink", "unicorn"] } };
  await using run = await startRun(executions, request, { price });
  for await (const event of run) {
    show(event);
  }
}

/** Submits a run, and watches it from its first event on, through broken connections too. */
async function runInBackground(executions: Client<typeof ExecutionService>, procedureId: bigint): Promise<void> {
  const { execution } = await executions.submitExecution({ execution: { procedureId } });
  for await (const event of watchExecution(executions, execution?.executionId ?? "")) {
    show(event);
  }
}

/** Asks for what cannot be: a version that there is not. */
async function printARefusal(executions: Client<typeof ExecutionService>, procedureId: bigint): Promise<void> {
  try {
    for await (const { event } of executions.executeProcedure({ procedureId, version: "v9" })) {
      console.log(event);
    }
  } catch (error) {
    if (!(error instanceof Refusal)) {
      throw error;
    }
    console.log(`${Code[error.code]} (${error.reason}): ${error.message}`);
  }
}

/** Prints what a person wants to see. */
function show({ event }: ExecutionEvent): void {
  if (event.case === "output") {
    console.log(`${OutputStream[event.value.stream]}: ${JSON.stringify(Buffer.from(event.value.data).toString())}`);
  } else if (event.case === "completed") {
    const { outcome, result } = event.value;
    console.log(`${Outcome[outcome]}: ${JSON.stringify(result && toJson(ValueSchema, result))}`);
  }
}

using channel = openChannel(process.env["ATHENA_SERVER"] ?? "127.0.0.1:7070", { token: process.env["ATHENA_TOKEN"] });
const procedures = createClient(ProcedureService, channel);
const executions = createClient(ExecutionService, channel);
const procedureId = await remember(procedures);
await runWithTools(executions, procedureId);
await runInBackground(executions, procedureId);
await printARefusal(executions, procedureId);
const { total } = await procedures.getProcedureStats({ procedureId });
console.log(`${total?.usageCount ?? 0n} runs, ${Math.round(100 * (total?.successRate ?? 0))} % with success`);
await procedures.forgetProcedure({ procedureId });
