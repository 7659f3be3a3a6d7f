import { create, fromJson, type JsonObject, type JsonValue, type MessageInitShape } from "@bufbuild/protobuf";
import { ValueSchema } from "@bufbuild/protobuf/wkt";

import type { ExecutionEvent, ExecutionEvent_ToolCall } from "../stubs/athena/procedures/v1/execution_pb.js";
import {
  type ExecuteProcedureRequest,
  ExecuteProcedureRequestSchema,
  type ExecutionService,
  type RunProcedureRequest,
  RunProcedureRequestSchema,
  type RunProcedureResponse,
} from "../stubs/athena/procedures/v1/execution_service_pb.js";
import { Attempts } from "./attempts.js";
import type { Client } from "./clients.js";
import { identified } from "./request-ids.js";
import type { StreamCall } from "./streams.js";

/** A function of the caller's: takes the arguments of a tool call by name, and gives what JSON can express. */
export type Tool = (args: JsonObject) => JsonValue | Promise<JsonValue>;

/** Thrown by a tool to tell the program why there is no answer; the program sees it as `sandbox.ToolError`. */
export class ToolError extends Error {
  override readonly name = "ToolError";
}

const MAX_STDIN_BYTES = 1 << 20;
const MAX_ERROR_CHARACTERS = 10_000;

/** Of {@link startRun}. */
export interface RunOptions {
  /** Milliseconds after which the call ends with DEADLINE_EXCEEDED and the program is killed. Default any time. */
  readonly timeoutMs?: number;
  /** Ends the call and kills the program when it is aborted. */
  readonly signal?: AbortSignal | undefined;
  /** How often the start is tried at most while the service is unavailable; the run happens once. Default 4. */
  readonly attempts?: number;
  /** Tool calls that are answered at a time. Default 8. */
  readonly concurrentTools?: number;
}

/**
 * Starts a run whose tools are served here. Returns as soon as it is admitted.
 *
 * @param request what to run
 * @param tools functions by the names under which the program calls them
 * @throws Refusal if it is not admitted
 */
export async function startRun(
  executions: Client<typeof ExecutionService>,
  request: MessageInitShape<typeof ExecuteProcedureRequestSchema>,
  tools: Readonly<Record<string, Tool>> = {},
  { timeoutMs = 0, signal, attempts = 4, concurrentTools = 8 }: RunOptions = {},
): Promise<InteractiveRun> {
  const start = identified(ExecuteProcedureRequestSchema, create(ExecuteProcedureRequestSchema, request));
  const tries = new Attempts(attempts, timeoutMs, signal);
  for (;;) {
    const call = executions.runProcedure({ timeoutMs: tries.remainingMs(), signal });
    const answers = call[Symbol.asyncIterator]();
    try {
      void call.write(startOf(start));
      const first = await answers.next();
      return new InteractiveRun(call, answers, first, tools, concurrentTools);
    } catch (error) {
      await tries.pauseAfter(error);
    }
  }
}

/**
 * One call of RunProcedure whose tools are served here; see {@link startRun}.
 *
 * Iterate over it to get the events as they happen; tool calls are among them, and are answered meanwhile. Closing it
 * before Completed kills the program; `await using` does:
 *
 * ```ts
 * await using run = await startRun(executions, request, { lookup: ({ key }) => catalogue[String(key)] ?? null });
 * for await (const event of run) {
 *   console.log(event);
 * }
 * ```
 *
 * The program sees a ToolError's message. Of any other error of a tool it is told the kind only, because the text may
 * hold what the program must not know; the error itself is then thrown when the run is closed.
 */
export class InteractiveRun implements AsyncIterable<ExecutionEvent>, AsyncDisposable {
  readonly #call: StreamCall<RunProcedureRequest, RunProcedureResponse>;
  readonly #events: AsyncGenerator<ExecutionEvent, void, undefined>;
  readonly #tools: ReadonlyMap<string, Tool>;
  readonly #waiting: ExecutionEvent_ToolCall[] = [];
  readonly #answering = new Set<Promise<void>>();
  readonly #concurrentTools: number;
  readonly #failures: unknown[] = [];

  /** See {@link startRun}. */
  constructor(
    call: StreamCall<RunProcedureRequest, RunProcedureResponse>,
    answers: AsyncGenerator<RunProcedureResponse, void, undefined>,
    first: IteratorResult<RunProcedureResponse, void>,
    tools: Readonly<Record<string, Tool>>,
    concurrentTools: number,
  ) {
    this.#call = call;
    this.#tools = new Map(Object.entries(tools));
    this.#concurrentTools = concurrentTools;
    this.#events = this.#read(first, answers);
  }

  /**
   * Gives the events up to Completed. For one reader; leaving the loop ends the call.
   *
   * @throws Refusal if the call fails
   */
  [Symbol.asyncIterator](): AsyncGenerator<ExecutionEvent, void, undefined> {
    return this.#events;
  }

  /** Writes to the program's standard input; waits while it does not read. False if the run has ended. */
  async writeStdin(data: Uint8Array): Promise<boolean> {
    for (let start = 0; start < data.length; start += MAX_STDIN_BYTES) {
      const chunk = data.subarray(start, start + MAX_STDIN_BYTES);
      if (!(await this.#send({ request: { case: "stdin", value: chunk } }))) {
        return false;
      }
    }
    return true;
  }

  /** Ends the program's standard input; tools are still served. False if the run has ended. */
  closeStdin(): Promise<boolean> {
    return this.#send({ request: { case: "closeStdin", value: {} } });
  }

  /** Asks for the end of the run; Completed follows among the events. False if the run has ended. */
  cancel(): Promise<boolean> {
    return this.#send({ request: { case: "cancel", value: {} } });
  }

  /**
   * Ends the call, waits for the tools that are at work, and throws what tools have thrown that is no ToolError: the
   * error, or an AggregateError of several.
   */
  async close(): Promise<void> {
    this.#waiting.length = 0;
    this.#call.cancel();
    await Promise.all(this.#answering);
    const failures = this.#failures.splice(0);
    if (failures.length > 1) {
      throw new AggregateError(failures, "tools failed");
    }
    if (failures.length === 1) {
      throw failures[0];
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async *#read(
    first: IteratorResult<RunProcedureResponse, void>,
    answers: AsyncGenerator<RunProcedureResponse, void, undefined>,
  ): AsyncGenerator<ExecutionEvent, void, undefined> {
    try {
      for (let next = first; !next.done; next = await answers.next()) {
        const { event } = next.value;
        if (event === undefined) {
          continue;
        }
        if (event.event.case === "toolCall") {
          this.#waiting.push(event.event.value);
          this.#answerNext();
        }
        yield event;
      }
    } finally {
      this.#call.cancel();
    }
  }

  #answerNext(): void {
    const call = this.#answering.size < this.#concurrentTools ? this.#waiting.shift() : undefined;
    if (call) {
      const answer = this.#answer(call).finally(() => {
        this.#answering.delete(answer);
        this.#answerNext();
      });
      this.#answering.add(answer);
    }
  }

  async #answer(call: ExecutionEvent_ToolCall): Promise<void> {
    const callId = call.callId;
    let answer: ToolAnswer;
    try {
      answer = { case: "value", value: fromJson(ValueSchema, await this.#use(call)) };
    } catch (error) {
      answer = { case: "error", value: this.#told(call, error) };
    }
    await this.#send({ request: { case: "toolResult", value: { callId, answer } } });
  }

  async #use(call: ExecutionEvent_ToolCall): Promise<JsonValue> {
    const tool = this.#tools.get(call.name);
    if (!tool) {
      const names = [...this.#tools.keys()].sort().join(", ") || "none";
      throw new ToolError(`there is no tool ${call.name}; there are: ${names}`);
    }
    return tool(call.arguments ?? {});
  }

  #told(call: ExecutionEvent_ToolCall, error: unknown): string {
    if (error instanceof ToolError) {
      return Array.from(error.message).slice(0, MAX_ERROR_CHARACTERS).join("");
    }
    this.#failures.push(error);
    return `the tool ${call.name} failed: ${error instanceof Error ? error.name : typeof error}`;
  }

  #send(request: MessageInitShape<typeof RunProcedureRequestSchema>): Promise<boolean> {
    return this.#call.write(create(RunProcedureRequestSchema, request));
  }
}

type ToolAnswer = Extract<
  NonNullable<MessageInitShape<typeof RunProcedureRequestSchema>["request"]>,
  { case: "toolResult" }
>["value"]["answer"];

function startOf(start: ExecuteProcedureRequest): RunProcedureRequest {
  return create(RunProcedureRequestSchema, { request: { case: "start", value: start } });
}
