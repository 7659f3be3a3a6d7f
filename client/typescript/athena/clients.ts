import {
  create,
  type DescMessage,
  type DescMethod,
  type DescMethodBiDiStreaming,
  type DescMethodClientStreaming,
  type DescMethodServerStreaming,
  type DescMethodUnary,
  type DescService,
  type MessageInitShape,
  type MessageShape,
} from "@bufbuild/protobuf";

import { Attempts } from "./attempts.js";
import type { Channel, Method } from "./channels.js";
import { identified } from "./request-ids.js";
import type { StreamCall } from "./streams.js";

/** Of one call. */
export interface CallOptions {
  /**
   * Milliseconds after which the call, repetitions included, ends with DEADLINE_EXCEEDED. 0 is any time. Default: the
   * channel's, for a call that does not stream, and any time for one that does.
   */
  readonly timeoutMs?: number;
  /** Ends the call with CANCELLED when it is aborted. */
  readonly signal?: AbortSignal | undefined;
  /** How often the call is made at most, where repeating is safe. Default: the channel's. */
  readonly attempts?: number;
}

/**
 * A client of a generated service: one function for each of its methods, which takes a request, or what one is created
 * from.
 *
 * A call throws a Refusal if the service refuses it or cannot be reached. A request without a request_id is given one, so
 * that it can be repeated without running twice; calls that only read or carry a request_id are repeated while the
 * service is unavailable. What streams is called when its first answer is asked for; leaving the loop over the answers
 * ends the call.
 */
export type Client<S extends DescService> = {
  readonly [N in keyof S["method"]]: ClientMethod<S["method"][N]>;
};

/** The function for a method of a service. */
export type ClientMethod<M extends DescMethod> =
  M extends DescMethodUnary<infer I, infer O>
    ? (request: MessageInitShape<I>, options?: CallOptions) => Promise<MessageShape<O>>
    : M extends DescMethodServerStreaming<infer I, infer O>
      ? (request: MessageInitShape<I>, options?: CallOptions) => AsyncGenerator<MessageShape<O>, void, undefined>
      : M extends DescMethodClientStreaming<infer I, infer O>
        ? (requests: Messages<MessageInitShape<I>>, options?: CallOptions) => Promise<MessageShape<O>>
        : M extends DescMethodBiDiStreaming<infer I, infer O>
          ? (options?: CallOptions) => StreamCall<MessageShape<I>, MessageShape<O>>
          : never;

type Messages<T> = Iterable<T> | AsyncIterable<T>;

/** Makes the client of a generated service, over a channel. */
export function createClient<S extends DescService>(service: S, channel: Channel): Client<S> {
  const methods = service.methods.map((method) => [method.localName, functionFor(method, channel)]);
  return Object.fromEntries(methods) as Client<S>;
}

function functionFor(method: DescMethod, channel: Channel): unknown {
  switch (method.methodKind) {
    case "unary":
      return (request: MessageInitShape<DescMessage>, options: CallOptions = {}) =>
        callRepeatedly(channel, method, request, options);
    case "server_streaming":
      return (request: MessageInitShape<DescMessage>, options: CallOptions = {}) =>
        readRepeatedly(channel, method, request, options);
    case "client_streaming":
      return (requests: Messages<MessageInitShape<DescMessage>>, options: CallOptions = {}) =>
        sendAll(channel, method, requests, options);
    case "bidi_streaming":
      return (options: CallOptions = {}) =>
        channel.stream(method, new Attempts(1, options.timeoutMs ?? 0, undefined).deadline(), options.signal);
  }
}

/** What must not happen twice, and carries nothing by which the service would know a repetition. */
const NEVER_REPEATED = new Set(["ForgetProcedure"]);

function attemptsAt(method: DescMethod, channel: Channel, options: CallOptions): Attempts {
  const most = NEVER_REPEATED.has(method.name) ? 1 : (options.attempts ?? channel.attempts);
  const timeoutMs = options.timeoutMs ?? (method.methodKind === "unary" ? channel.timeoutMs : 0);
  return new Attempts(most, timeoutMs, options.signal);
}

async function callRepeatedly<I extends DescMessage, O extends DescMessage>(
  channel: Channel,
  method: Method<I, O>,
  init: MessageInitShape<I>,
  options: CallOptions,
): Promise<MessageShape<O>> {
  const request = identified(method.input, create(method.input, init));
  const attempts = attemptsAt(method, channel, options);
  for (;;) {
    try {
      return await channel.call(method, request, attempts.deadline(), options.signal);
    } catch (error) {
      await attempts.pauseAfter(error);
    }
  }
}

async function* readRepeatedly<I extends DescMessage, O extends DescMessage>(
  channel: Channel,
  method: Method<I, O>,
  init: MessageInitShape<I>,
  options: CallOptions,
): AsyncGenerator<MessageShape<O>, void, undefined> {
  const request = identified(method.input, create(method.input, init));
  const attempts = attemptsAt(method, channel, options);
  for (;;) {
    let answered = false;
    try {
      const call = channel.stream(method, attempts.deadline(), options.signal);
      // What keeps the message from being sent is told by reading.
      void call.write(request);
      call.end();
      for await (const answer of call) {
        answered = true;
        yield answer;
      }
      return;
    } catch (error) {
      // What has been given cannot be taken back: only a call without an answer is made again.
      if (answered) {
        throw error;
      }
      await attempts.pauseAfter(error);
    }
  }
}

async function sendAll<I extends DescMessage, O extends DescMessage>(
  channel: Channel,
  method: Method<I, O>,
  inits: Messages<MessageInitShape<I>>,
  options: CallOptions,
): Promise<MessageShape<O>> {
  const call = channel.stream(method, attemptsAt(method, channel, options).deadline(), options.signal);
  const answers = call[Symbol.asyncIterator]();
  const answer = answers.next();
  // Told below; without this, Node.js would end the process for an error that nobody has looked at yet.
  answer.catch(() => undefined);
  try {
    for await (const init of inits) {
      if (!(await call.write(create(method.input, init)))) {
        break;
      }
    }
    call.end();
    const { value } = await answer;
    if (!value) {
      throw new Error(`the service ended ${method.name} without an answer`);
    }
    return value;
  } finally {
    call.cancel();
  }
}
