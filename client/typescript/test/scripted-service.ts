import {
  Metadata,
  type MethodDefinition,
  Server,
  ServerCredentials,
  type ServerDuplexStream,
  type ServerReadableStream,
  type ServerUnaryCall,
  type ServerWritableStream,
  type UntypedServiceImplementation,
} from "@grpc/grpc-js";
import {
  create,
  type DescMessage,
  type DescMethod,
  type DescService,
  fromBinary,
  type Message,
  type MessageInitShape,
  type MessageShape,
  toBinary,
} from "@bufbuild/protobuf";
import type { GenMessage } from "@bufbuild/protobuf/codegenv2";
import { anyPack } from "@bufbuild/protobuf/wkt";

import { type Channel, type ChannelOptions, Code, openChannel } from "../athena/index.js";
import { StatusSchema } from "../stubs/google/rpc_pb.js";

/** A service over a real connection, whose answers a test writes down. */
export class ScriptedService {
  readonly #server = new Server();
  #channel: Channel | undefined;

  /** Serves handlers, by the names of the methods. */
  async serve<S extends DescService>(service: S, handlers: Handlers<S>, options?: ChannelOptions): Promise<Channel> {
    const served = service.methods.filter((method) => method.localName in handlers);
    const definition = Object.fromEntries(served.map((method) => [method.localName, definitionOf(method)]));
    this.#server.addService(definition, handlers as unknown as UntypedServiceImplementation);
    const port = await new Promise<number>((resolve, reject) => {
      this.#server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) => {
        if (error) {
          reject(error);
        } else {
          resolve(bound);
        }
      });
    });
    this.#channel = openChannel(`127.0.0.1:${port}`, options);
    return this.#channel;
  }

  [Symbol.dispose](): void {
    this.#channel?.close();
    this.#server.forceShutdown();
  }
}

/** For each method, what gRPC calls. */
export type Handlers<S extends DescService> = {
  readonly [N in keyof S["method"]]?: S["method"][N] extends {
    input: infer I extends DescMessage;
    output: infer O extends DescMessage;
    methodKind: infer K;
  }
    ? K extends "unary"
      ? (call: ServerUnaryCall<MessageShape<I>, MessageShape<O>>, answer: Answer<MessageShape<O>>) => void
      : K extends "server_streaming"
        ? (call: ServerWritableStream<MessageShape<I>, MessageShape<O>>) => void
        : K extends "client_streaming"
          ? (call: ServerReadableStream<MessageShape<I>, MessageShape<O>>, answer: Answer<MessageShape<O>>) => void
          : (call: ServerDuplexStream<MessageShape<I>, MessageShape<O>>) => void
    : never;
};

type Answer<T> = (error: ReturnType<typeof failure> | null, answer?: T) => void;

/** A status as the service sends it, with details. */
export function failure(code: Code, message: string, ...details: { schema: GenMessage<Message>; value: Message }[]) {
  const metadata = new Metadata();
  const status = create(StatusSchema, {
    code,
    message,
    details: details.map(({ schema, value }) => anyPack(schema, value)),
  });
  metadata.set("grpc-status-details-bin", Buffer.from(toBinary(StatusSchema, status)));
  return Object.assign(new Error(message), { code, details: message, metadata });
}

/** A detail of a status. */
export function detail<D extends GenMessage<Message>>(schema: D, init: MessageInitShape<D>) {
  return { schema: schema as GenMessage<Message>, value: create(schema, init) as Message };
}

function definitionOf(method: DescMethod): MethodDefinition<Message, Message> {
  return {
    path: `/${method.parent.typeName}/${method.name}`,
    requestStream: method.methodKind === "client_streaming" || method.methodKind === "bidi_streaming",
    responseStream: method.methodKind === "server_streaming" || method.methodKind === "bidi_streaming",
    requestSerialize: (message) => Buffer.from(toBinary(method.input, message)),
    requestDeserialize: (bytes) => fromBinary(method.input, bytes),
    responseSerialize: (message) => Buffer.from(toBinary(method.output, message)),
    responseDeserialize: (bytes) => fromBinary(method.output, bytes),
  };
}
