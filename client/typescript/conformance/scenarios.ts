import { readFileSync } from "node:fs";

import type { JsonObject, JsonValue } from "@bufbuild/protobuf";
import { parse } from "yaml";

/** One of the file: README.md beside the scenarios explains the fields. */
export interface Scenario {
  readonly name: string;
  readonly steps: readonly Step[];
}

/** One of a scenario. */
export interface Step {
  readonly remember?: string;
  readonly code?: string;
  readonly procedure?: JsonObject;
  readonly call?: string;
  readonly request?: JsonObject;
  readonly response?: JsonObject;
  readonly fails?: JsonObject;
  readonly keep?: Readonly<Record<string, string>>;
  readonly conversation?: readonly Turn[];
  readonly output?: JsonValue;
  readonly deadlineSeconds?: number;
  readonly token?: string;
  readonly tools?: Readonly<Record<string, readonly Answer[]>>;
  readonly resumed?: boolean;
}

/** One of a conversation. */
export interface Turn {
  readonly receive?: JsonObject;
  readonly keep?: Readonly<Record<string, string>>;
  readonly send?: JsonObject;
  readonly meanwhile?: readonly Step[];
  readonly leave?: boolean;
}

/** What a tool says to some arguments. */
export interface Answer {
  readonly arguments: JsonObject;
  readonly value?: JsonValue;
  readonly error?: string;
}

/** Reads the file of scenarios. */
export function readScenarios(path: string): readonly Scenario[] {
  const document = parse(readFileSync(path, "utf8")) as { scenarios: readonly Scenario[] };
  return document.scenarios;
}
