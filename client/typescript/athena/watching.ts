import { status as Code } from "@grpc/grpc-js";

import type { ExecutionEvent } from "../stubs/athena/procedures/v1/execution_pb.js";
import type { ExecutionService } from "../stubs/athena/procedures/v1/execution_service_pb.js";
import { pauseMs, sleepUnless } from "./attempts.js";
import type { Client } from "./clients.js";
import { Refusal } from "./refusals.js";

const LONGEST_PAUSE_MS = 5_000;

/** Of {@link watchExecution}. */
export interface WatchOptions {
  /** Events up to this one are left out. Default 0, which gives all. */
  readonly afterSequence?: bigint;
  /**
   * Calls in succession that may break without having brought an event; the pauses between them grow from 0.1 s to 5 s.
   * Default 6.
   */
  readonly attempts?: number;
  /** Ends the watching with CANCELLED when it is aborted; the run goes on. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Gives each event of an execution once, to Completed, going on after the last one seen when a connection breaks.
 *
 * @throws Refusal if the service refused the call, or all attempts broke
 * @throws Error if all attempts ended without an outcome
 */
export async function* watchExecution(
  executions: Client<typeof ExecutionService>,
  executionId: string,
  { afterSequence = 0n, attempts = 6, signal }: WatchOptions = {},
): AsyncGenerator<ExecutionEvent, void, undefined> {
  let sequence = afterSequence;
  for (let failures = 0; ;) {
    let broken: unknown = new Error("the service ended the stream without telling an outcome");
    try {
      const call = executions.watchExecution({ executionId, afterSequence: sequence }, { attempts: 1, signal });
      for await (const { event } of call) {
        if (event === undefined || event.event.case === "heartbeat") {
          continue;
        }
        sequence = event.sequence;
        failures = 0;
        yield event;
        if (event.event.case === "completed") {
          return;
        }
      }
    } catch (error) {
      if (!(error instanceof Refusal) || error.code !== Code.UNAVAILABLE) {
        throw error;
      }
      broken = error;
    }
    failures++;
    if (failures >= attempts) {
      throw broken;
    }
    await sleepUnless(signal, pauseMs(failures, LONGEST_PAUSE_MS));
  }
}
