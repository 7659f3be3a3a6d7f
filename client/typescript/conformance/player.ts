import { randomUUID } from "node:crypto";

import type { DescMethod, JsonObject } from "@bufbuild/protobuf";

import {
  type CallOptions,
  type Channel,
  Code,
  createClient,
  ExecuteProcedureRequestSchema,
  ExecutionService,
  fromJson,
  openChannel,
  ProcedureService,
  Refusal,
  startRun,
  type Tool,
  toJson,
  WatchExecutionRequestSchema,
  watchExecution,
} from "../athena/index.js";
import {
  answering,
  type CallUnderWay,
  Conversation,
  eventsOf,
  listening,
  mapped,
  served,
  talking,
  withText,
} from "./conversations.js";
import type { Step, Turn } from "./scenarios.js";
import { compare, fillIn, lookUp, Mismatch, type Names, shown } from "./values.js";

const LONGEST_CALL_SECONDS = 30;
const SERVICES = [ProcedureService, ExecutionService];

/** Plays the steps of one scenario against a server. */
export class Player {
  readonly #address: string;
  readonly #breakingAddress: string | undefined;
  readonly #token: string | undefined;
  readonly #names: Names = new Map([["project", `conformance-${randomUUID()}`]]);
  readonly #channels = new Map<string, Channel>();

  constructor(address: string, breakingAddress: string | undefined, token: string | undefined) {
    this.#address = address;
    this.#breakingAddress = breakingAddress;
    this.#token = token;
  }

  /** Closes the connections. */
  close(): void {
    for (const channel of this.#channels.values()) {
      channel.close();
    }
  }

  /**
   * Plays steps, one after the other.
   *
   * @throws Mismatch if the service did not do as the scenario says; the message names the step
   */
  async play(steps: readonly Step[]): Promise<void> {
    for (const [index, step] of steps.entries()) {
      try {
        await this.#playStep(step);
      } catch (error) {
        const title = step.call ?? `remember ${step.remember ?? "nothing"}`;
        throw new Mismatch(`step ${index + 1}, ${title}: ${told(error)}`, { cause: error });
      }
    }
  }

  async #playStep(step: Step): Promise<void> {
    if (step.remember !== undefined) {
      await this.#remember(step.remember, step);
    } else if (step.conversation) {
      await this.#converse(step, step.conversation);
    } else {
      await this.#call(step);
    }
  }

  async #remember(name: string, step: Step): Promise<void> {
    await this.#call({
      call: "ProcedureService.RememberProcedure",
      request: { procedure: { name, project: "$project", ...step.procedure } },
      keep: { [name]: "procedure.procedureId" },
    });
    await this.#call({
      call: "ProcedureService.SaveProcedureCode",
      request: { procedureId: `$${name}`, code: step.code ?? "" },
    });
  }

  async #call(step: Step): Promise<void> {
    const method = methodOf(step);
    const request = fromJson(method.input, fillIn(step.request ?? {}, this.#names));
    let answer: JsonObject;
    try {
      answer = withText(toJson(method.output, await this.#function(step, method)(request, options(step))));
    } catch (error) {
      this.#compareFailure(step, error);
      return;
    }
    if (step.fails) {
      throw new Mismatch(`expected ${shown(step.fails)}, got ${shown(answer)}`);
    }
    compare(fillIn(step.response ?? {}, this.#names), answer);
    this.#keep(step.keep, answer);
  }

  async #converse(step: Step, turns: readonly Turn[]): Promise<void> {
    let call: CallUnderWay | undefined;
    try {
      call = await this.#open(step);
      const after = fillIn(step.request?.["afterSequence"] ?? 0, this.#names);
      const conversation = new Conversation(call, Number(after));
      for (const turn of turns) {
        await this.#take(turn, conversation);
      }
      if (!conversation.left) {
        await conversation.readToEnd();
        if (step.fails) {
          throw new Mismatch(`expected ${shown(step.fails)}, but the call ended well`);
        }
      }
      if (step.output !== undefined) {
        compare(step.output, conversation.output, "output");
      }
    } catch (error) {
      this.#compareFailure(step, error);
    } finally {
      await call?.leave();
    }
  }

  async #take(turn: Turn, conversation: Conversation): Promise<void> {
    if (turn.receive) {
      this.#keep(turn.keep, await conversation.receive(fillIn(turn.receive, this.#names)));
    } else if (turn.send) {
      await conversation.send(fillIn(turn.send, this.#names));
    } else if (turn.meanwhile) {
      await this.play(turn.meanwhile);
    } else if (turn.leave) {
      await conversation.leave();
    } else {
      throw new Mismatch("a turn has none of receive, send, meanwhile and leave");
    }
  }

  async #open(step: Step): Promise<CallUnderWay> {
    const method = methodOf(step);
    const request = fillIn(step.request ?? {}, this.#names);
    const executions = createClient(ExecutionService, this.#channel(step));
    if (step.tools) {
      const tools = Object.fromEntries(
        Object.entries(step.tools).map(([name, answers]): [string, Tool] => [name, answering(name, answers)]),
      );
      const start = fromJson(ExecuteProcedureRequestSchema, request);
      return served(await startRun(executions, start, tools, options(step)));
    }
    const controller = new AbortController();
    const { signal } = controller;
    if (step.resumed) {
      const { executionId, afterSequence } = fromJson(WatchExecutionRequestSchema, request);
      return listening(eventsOf(watchExecution(executions, executionId, { afterSequence, signal })), controller);
    }
    if (method.methodKind === "bidi_streaming") {
      const call = talking(executions.runProcedure(options(step)));
      await call.send(request);
      return call;
    }
    const open = this.#function(step, method) as unknown as (
      ...args: unknown[]
    ) => AsyncGenerator<never, void, undefined>;
    const answers = open(fromJson(method.input, request), { ...options(step), signal });
    return listening(
      mapped(answers, (answer) => toJson(method.output, answer)),
      controller,
    );
  }

  #keep(paths: Readonly<Record<string, string>> | undefined, answer: JsonObject): void {
    for (const [name, path] of Object.entries(paths ?? {})) {
      this.#names.set(name, lookUp(path, answer));
    }
  }

  /** Throws the error again unless it is the failure of a call that the step expects. */
  #compareFailure(step: Step, error: unknown): void {
    if (!(error instanceof Refusal) || !step.fails) {
      throw error;
    }
    compare(fillIn(step.fails, this.#names), {
      code: Code[error.code],
      message: error.message,
      reason: error.reason,
      fieldViolations: error.fieldViolations.map(({ field, description }) => ({ field, description })),
      retryAfterSeconds: error.retryAfterMs === undefined ? null : error.retryAfterMs / 1000,
    });
  }

  /** The function of the client that a step names. */
  #function(step: Step, method: DescMethod): (request: unknown, options: CallOptions) => Promise<never> {
    const service = SERVICES.find((candidate) => candidate.methods.includes(method)) ?? ExecutionService;
    const client = createClient(service, this.#channel(step)) as unknown as Record<string, never>;
    return client[method.localName] as never;
  }

  #channel(step: Step): Channel {
    const address = step.resumed ? this.#breakingAddress : this.#address;
    if (address === undefined) {
      throw new Mismatch("ATHENA_BREAKING_SERVER is not set");
    }
    const token = step.token ?? this.#token;
    const key = JSON.stringify([address, token]);
    const channel = this.#channels.get(key) ?? openChannel(address, { token });
    this.#channels.set(key, channel);
    return channel;
  }
}

function methodOf(step: Step): DescMethod {
  const [service, name] = step.call?.split(".") ?? [];
  const methods: readonly DescMethod[] = SERVICES.find((candidate) => candidate.name === service)?.methods ?? [];
  const method = methods.find((candidate) => candidate.name === name);
  if (!method) {
    throw new Mismatch(`there is no method ${step.call ?? ""}`);
  }
  return method;
}

function options(step: Step): CallOptions {
  return { timeoutMs: 1000 * (step.deadlineSeconds ?? LONGEST_CALL_SECONDS) };
}

function told(error: unknown): string {
  if (error instanceof Refusal) {
    const violations = error.fieldViolations.map(({ field, description }) => `${field}: ${description}`);
    return `${Code[error.code]} (${error.reason}): ${error.message} [${violations.join("; ")}]`;
  }
  return error instanceof Mismatch ? error.message : String(error instanceof Error ? error.stack : error);
}
