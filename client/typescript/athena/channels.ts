import {
  Client,
  type ClientDuplexStream,
  type ClientOptions,
  type ClientUnaryCall,
  credentials,
  Metadata,
} from "@grpc/grpc-js";
import { type DescMessage, type DescMethod, fromBinary, type MessageShape, toBinary } from "@bufbuild/protobuf";

import { Refusal } from "./refusals.js";
import { StreamCall } from "./streams.js";

const MAX_MESSAGE_BYTES = 64 << 20;
const OPTIONS: ClientOptions = {
  "grpc.max_receive_message_length": MAX_MESSAGE_BYTES,
  // A peer that vanished without a word is noticed, also while a silent program runs.
  "grpc.keepalive_time_ms": 60_000,
  "grpc.keepalive_timeout_ms": 20_000,
};

/** How a channel reaches the service. */
export interface ChannelOptions {
  /** Sent as bearer token with every call. */
  readonly token?: string | undefined;
  /** Speaks TLS; otherwise plain text, as on a loopback or in a mesh. */
  readonly tls?: boolean;
  /** PEM; with TLS, the only certificates to trust. Without, those that Node.js brings. */
  readonly trustedCertificates?: Buffer;
  /** Milliseconds that a call which is no stream may take, repetitions included. Default 30,000; 0 is any time. */
  readonly timeoutMs?: number;
  /**
   * How often a call is made at most while the service is unavailable, where repeating is safe: the call only reads, or
   * carries a request_id. Default 4; 1 never repeats.
   */
  readonly attempts?: number;
  /** Further options of `@grpc/grpc-js`, for balancing, interceptors and the like. */
  readonly grpc?: ClientOptions;
}

/**
 * Opens a channel for {@link createClient}; it connects with the first call. Who opens it closes it.
 *
 * @param address `host:port`, or any target that gRPC knows
 * @throws RangeError if an option makes no sense
 */
export function openChannel(address: string, options: ChannelOptions = {}): Channel {
  return new Channel(address, options);
}

/** A connection to the service, with what all calls over it have in common. */
export class Channel {
  /** See {@link ChannelOptions.timeoutMs}. */
  readonly timeoutMs: number;
  /** See {@link ChannelOptions.attempts}. */
  readonly attempts: number;
  readonly #client: Client;
  readonly #token: string | undefined;
  /** What cancels each call that is under way. */
  readonly #underWay = new Set<() => void>();

  /** See {@link openChannel}. */
  constructor(address: string, options: ChannelOptions) {
    this.timeoutMs = options.timeoutMs ?? 30_000;
    this.attempts = options.attempts ?? 4;
    this.#token = options.token;
    if (!(this.timeoutMs >= 0)) {
      throw new RangeError(`timeoutMs is 0 or more, not ${this.timeoutMs}`);
    }
    if (!(this.attempts >= 1)) {
      throw new RangeError(`a call is made at least once: attempts is 1 or more, not ${this.attempts}`);
    }
    if (this.#token !== undefined && !/^[!-~]+$/.test(this.#token)) {
      throw new RangeError("a token is printable ASCII without blanks");
    }
    const port = /:(\d+)$/.exec(address)?.[1];
    // gRPC would try for ever.
    if (port !== undefined && Number(port) > 65535) {
      throw new RangeError(`'${address}' is no address: its port is above 65535`);
    }
    const security = options.tls
      ? credentials.createSsl(options.trustedCertificates ?? null)
      : credentials.createInsecure();
    this.#client = new Client(address, security, { ...OPTIONS, ...options.grpc });
  }

  /** Ends what still runs, and lets go of the connection. */
  close(): void {
    this.#underWay.forEach((cancel) => {
      cancel();
    });
    this.#client.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  /**
   * Makes one attempt at a call that does not stream.
   *
   * @param deadline when it has to end, in milliseconds since 1970
   */
  call<I extends DescMessage, O extends DescMessage>(
    method: Method<I, O>,
    request: MessageShape<I>,
    deadline: number,
    signal: AbortSignal | undefined,
  ): Promise<MessageShape<O>> {
    return new Promise((resolve, reject) => {
      const call = this.#client.makeUnaryRequest(
        pathOf(method),
        serializer(method.input),
        deserializer(method.output),
        request,
        this.#metadata(),
        { deadline },
        (error, answer) => {
          if (error) {
            reject(Refusal.of(error, deadline));
          } else {
            resolve(answer as MessageShape<O>);
          }
        },
      );
      this.#watch(call, signal);
    });
  }

  /** Starts a call that streams, in whatever direction. Deadline and signal as for `call`. */
  stream<I extends DescMessage, O extends DescMessage>(
    method: Method<I, O>,
    deadline: number,
    signal: AbortSignal | undefined,
  ): StreamCall<MessageShape<I>, MessageShape<O>> {
    const call = this.#client.makeBidiStreamRequest(
      pathOf(method),
      serializer(method.input),
      deserializer(method.output),
      this.#metadata(),
      { deadline },
    );
    this.#watch(call, signal);
    return new StreamCall(call, deadline);
  }

  /** Lets a call end with the channel, or as soon as a signal is aborted. */
  #watch(call: ClientUnaryCall | ClientDuplexStream<never, never>, signal: AbortSignal | undefined): void {
    const cancel = () => {
      call.cancel();
    };
    this.#underWay.add(cancel);
    signal?.addEventListener("abort", cancel, { once: true });
    call.once("status", () => {
      this.#underWay.delete(cancel);
      signal?.removeEventListener("abort", cancel);
    });
    if (signal?.aborted) {
      cancel();
    }
  }

  #metadata(): Metadata {
    const metadata = new Metadata();
    if (this.#token !== undefined) {
      metadata.set("authorization", `Bearer ${this.#token}`);
    }
    return metadata;
  }
}

/** A method of a service, by what it takes and gives. */
export type Method<I extends DescMessage, O extends DescMessage> = DescMethod & {
  readonly input: I;
  readonly output: O;
};

function pathOf(method: DescMethod): string {
  return `/${method.parent.typeName}/${method.name}`;
}

function serializer<D extends DescMessage>(schema: D): (message: MessageShape<D>) => Buffer {
  return (message) => {
    const bytes = toBinary(schema, message);
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  };
}

function deserializer<D extends DescMessage>(schema: D): (bytes: Buffer) => MessageShape<D> {
  return (bytes) => fromBinary(schema, bytes);
}
