import type { JsonObject, JsonValue } from "@bufbuild/protobuf";

import {
  type ExecutionEvent,
  ExecutionEventSchema,
  fromJson,
  type InteractiveRun,
  type RunProcedureRequest,
  RunProcedureRequestSchema,
  type RunProcedureResponse,
  RunProcedureResponseSchema,
  type StreamCall,
  type Tool,
  toJson,
  ToolError,
} from "../athena/index.js";
import type { Answer } from "./scenarios.js";
import { compare, isObject, Mismatch, shown } from "./values.js";

/** A call under way that streams. */
export interface CallUnderWay {
  /** What comes, as JSON, to the end of the call. */
  readonly answers: AsyncGenerator<JsonObject, void, undefined>;
  /** Sends a message. */
  send(content: JsonObject): Promise<void>;
  /** Ends the call from this side; it may have ended before. */
  leave(): Promise<void>;
}

/** A stream that nothing can be sent to. */
export function listening(
  answers: AsyncGenerator<JsonObject, void, undefined>,
  controller: AbortController,
): CallUnderWay {
  return {
    answers,
    send: (content) => Promise.reject(new Mismatch(`${shown(content)} cannot be sent: the call takes one request`)),
    leave: () => {
      controller.abort();
      return Promise.resolve();
    },
  };
}

/** A call of RunProcedure as it is. */
export function talking(call: StreamCall<RunProcedureRequest, RunProcedureResponse>): CallUnderWay {
  return {
    answers: mapped(call[Symbol.asyncIterator](), (answer) => toJson(RunProcedureResponseSchema, answer)),
    send: async (content) => {
      await call.write(fromJson(RunProcedureRequestSchema, withBytes(content)));
    },
    leave: () => {
      call.cancel();
      return Promise.resolve();
    },
  };
}

/** A run by the helper. */
export function served(run: InteractiveRun): CallUnderWay {
  return {
    answers: eventsOf(run[Symbol.asyncIterator]()),
    send: async (content) => {
      const { request } = fromJson(RunProcedureRequestSchema, withBytes(content));
      if (request.case === "stdin") {
        await run.writeStdin(request.value);
      } else if (request.case === "closeStdin") {
        await run.closeStdin();
      } else if (request.case === "cancel") {
        await run.cancel();
      } else {
        throw new Mismatch(`a run with tools sends no ${shown(content)}`);
      }
    },
    leave: () => run.close(),
  };
}

/** A tool that answers as a scenario tells. */
export function answering(name: string, answers: readonly Answer[]): Tool {
  return (args) => {
    const found = answers.find((answer) => JSON.stringify(answer.arguments) === JSON.stringify(args));
    if (!found) {
      throw new Mismatch(`the scenario has no answer to ${name} of ${shown(args)}`);
    }
    if (found.error !== undefined) {
      throw new ToolError(found.error);
    }
    return found.value ?? null;
  };
}

/** Events of a helper, each as the answer that brought it. */
export function eventsOf(
  events: AsyncGenerator<ExecutionEvent, void, undefined>,
): AsyncGenerator<JsonObject, void, undefined> {
  return mapped(events, (event) => ({ event: toJson(ExecutionEventSchema, event) }));
}

/** JSON of each answer, with bytes as text. */
export async function* mapped<T>(
  answers: AsyncGenerator<T, void, undefined>,
  json: (answer: T) => JsonValue,
): AsyncGenerator<JsonObject, void, undefined> {
  for await (const answer of answers) {
    yield withText(json(answer));
  }
}

/** JSON of a message with bytes as text. */
export function withText(value: JsonValue): JsonObject {
  if (!isObject(value)) {
    throw new Mismatch(`${shown(value)} is no message`);
  }
  const text = { ...value };
  for (const key of ["event", "output"]) {
    if (isObject(text[key])) {
      text[key] = withText(text[key]);
    }
  }
  if (typeof text["data"] === "string") {
    text["data"] = Buffer.from(text["data"], "base64").toString();
  }
  return text;
}

function withBytes(content: JsonObject): JsonObject {
  const { stdin } = content;
  return typeof stdin === "string" ? { stdin: Buffer.from(stdin).toString("base64") } : content;
}

/** Reads a stream and keeps what a scenario may ask of it. */
export class Conversation {
  readonly #call: CallUnderWay;
  #sequence: number;
  /** All that the program wrote. */
  output = "";
  /** Whether the caller has ended the call. */
  left = false;

  constructor(call: CallUnderWay, afterSequence: number) {
    this.#call = call;
    this.#sequence = afterSequence;
  }

  /** Reads until something comes that is as expected. */
  async receive(expected: JsonObject): Promise<JsonObject> {
    const others: string[] = [];
    for (let answer = await this.#next(); answer; answer = await this.#next()) {
      try {
        compare(expected, answer);
        return answer;
      } catch (error) {
        if (!(error instanceof Mismatch)) {
          throw error;
        }
        others.push(`${shown(answer)} (${error.message})`);
      }
    }
    throw new Mismatch(`${shown(expected)} did not come, but: ${others.join("; ")}`);
  }

  /** Sends a message. */
  send(content: JsonObject): Promise<void> {
    return this.#call.send(content);
  }

  /** Ends the call from this side. */
  leave(): Promise<void> {
    this.left = true;
    return this.#call.leave();
  }

  /** Reads whatever else comes. */
  async readToEnd(): Promise<void> {
    while (await this.#next()) {
      // What is read is kept track of.
    }
  }

  async #next(): Promise<JsonObject | undefined> {
    const { value } = await this.#call.answers.next();
    if (!value) {
      return undefined;
    }
    const { event } = value;
    if (!isObject(event)) {
      return value;
    }
    this.#keepTrack(event);
    return event;
  }

  #keepTrack(event: JsonObject): void {
    const sequence = Number(event["sequence"] ?? 0);
    const due = "heartbeat" in event ? this.#sequence : this.#sequence + 1;
    if (sequence !== due) {
      throw new Mismatch(`event ${sequence} came where ${due} was due: ${shown(event)}`);
    }
    this.#sequence = sequence;
    if (isObject(event["output"]) && typeof event["output"]["data"] === "string") {
      this.output += event["output"]["data"];
    }
  }
}
