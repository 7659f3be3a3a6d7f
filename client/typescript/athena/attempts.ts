import { setTimeout as sleep } from "node:timers/promises";

import { status as Code } from "@grpc/grpc-js";

import { Refusal } from "./refusals.js";

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 2_000;

/**
 * The attempts at one call that may be repeated while the service is unavailable, with pauses that double from 100 ms to
 * 2 s and are spread by up to half, so that many callers do not come back together.
 */
export class Attempts {
  readonly #most: number;
  readonly #end: number;
  readonly #signal: AbortSignal | undefined;
  #made = 0;
  #earlier: Refusal | undefined;

  /**
   * @param most attempts in all, from 1
   * @param timeoutMs what all attempts and pauses may take together; 0 is any time
   */
  constructor(most: number, timeoutMs: number, signal: AbortSignal | undefined) {
    this.#most = most;
    this.#end = timeoutMs === 0 ? Infinity : performance.now() + timeoutMs;
    this.#signal = signal;
  }

  /** When the next attempt has to end, for gRPC. */
  deadline(): number {
    return Date.now() + this.#end - performance.now();
  }

  /** Milliseconds that are left, at least 1; 0 is any time. */
  remainingMs(): number {
    return this.#end === Infinity ? 0 : Math.max(1, this.#end - performance.now());
  }

  /** Returns when it is time for the next attempt, or throws what is to be told of a failed one. */
  async pauseAfter(error: unknown): Promise<void> {
    this.#made++;
    const pause = pauseMs(this.#made, LONGEST_PAUSE_MS, error instanceof Refusal ? error.retryAfterMs : undefined);
    if (
      !(error instanceof Refusal) ||
      error.code !== Code.UNAVAILABLE ||
      this.#made >= this.#most ||
      // What asks for more than there is time for is not waited for.
      performance.now() + pause >= this.#end ||
      this.#signal?.aborted === true
    ) {
      throw this.#moreTelling(error);
    }
    this.#earlier = error;
    await sleepUnless(this.#signal, pause);
  }

  /** That time ran out says less than what kept failing until it did. */
  #moreTelling(error: unknown): unknown {
    return error instanceof Refusal && error.code === Code.DEADLINE_EXCEEDED ? (this.#earlier ?? error) : error;
  }
}

/** The pause after a number of failures, from 1, in milliseconds. */
export function pauseMs(failures: number, longest: number, asked = 0): number {
  const pause = Math.min(longest, FIRST_PAUSE_MS * 2 ** (failures - 1));
  return asked > pause ? asked + Math.random() * pause : (pause * (1 + Math.random())) / 2;
}

/** Waits; an abort ends it early, and the call that follows tells of it. */
export async function sleepUnless(signal: AbortSignal | undefined, ms: number): Promise<void> {
  try {
    await sleep(ms, undefined, signal && { signal });
  } catch (error) {
    if (signal?.aborted !== true) {
      throw error;
    }
  }
}
