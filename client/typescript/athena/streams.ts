import type { ClientDuplexStream, ServiceError } from "@grpc/grpc-js";
import type { Message } from "@bufbuild/protobuf";

import { Refusal } from "./refusals.js";

/** A call under way that streams. One reads its answers, any may write. */
export class StreamCall<Q extends Message, R extends Message> {
  readonly #call: ClientDuplexStream<Q, R>;
  readonly #writers = new Set<(sent: boolean) => void>();
  #failure: Refusal | undefined;
  #ended = false;

  /** Takes over a call that has just been started; see {@link Channel.stream}. */
  constructor(call: ClientDuplexStream<Q, R>, deadline: number) {
    this.#call = call;
    call.on("error", (error: Error | ServiceError) => {
      // The others are Node.js's own, of a stream that nobody reads any more.
      if ("metadata" in error) {
        this.#failure = Refusal.of(error, deadline);
      }
    });
    call.on("status", () => {
      this.#ended = true;
      this.#writers.forEach((settle) => {
        settle(false);
      });
    });
  }

  /** Sends a message; waits while the other side does not read. False, and nothing is sent, if the call has ended. */
  write(message: Q): Promise<boolean> {
    if (this.#ended) {
      return Promise.resolve(false);
    }
    return new Promise((resolve) => {
      const settle = (sent: boolean) => {
        this.#writers.delete(settle);
        resolve(sent);
      };
      this.#writers.add(settle);
      this.#call.write(message, (error?: Error | null) => {
        settle(!error);
      });
    });
  }

  /** Ends this side's messages. */
  end(): void {
    if (!this.#ended) {
      this.#call.end();
    }
  }

  /** Ends the call from this side, unless it has ended. */
  cancel(): void {
    this.#call.cancel();
  }

  /**
   * Gives the answers to the end of the call. Leaving them ends the call.
   *
   * @throws Refusal if the call fails
   */
  async *[Symbol.asyncIterator](): AsyncGenerator<R, void, undefined> {
    try {
      for await (const answer of this.#call) {
        yield answer as R;
      }
    } catch (error) {
      throw this.#failure ?? error;
    } finally {
      this.cancel();
    }
    // It may have failed before anybody read.
    if (this.#failure) {
      throw this.#failure;
    }
  }
}
