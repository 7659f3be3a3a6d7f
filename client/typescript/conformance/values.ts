import { isDeepStrictEqual } from "node:util";

import type { JsonObject, JsonValue } from "@bufbuild/protobuf";

// Values of a scenario: names filled in, and expectations compared with what came. README.md there has the rules.

/** What a scenario has kept, by name. */
export type Names = Map<string, JsonValue>;

/** Something came that was not expected. */
export class Mismatch extends Error {
  override readonly name = "Mismatch";
}

/** Puts the value of each kept name in the place of `$name`. */
export function fillIn<T extends JsonValue>(value: T, names: Names): T {
  return filled(value, names) as T;
}

function filled(value: JsonValue, names: Names): JsonValue {
  if (Array.isArray(value)) {
    return value.map((entry) => filled(entry, names));
  }
  if (isObject(value)) {
    return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, filled(entry, names)]));
  }
  if (typeof value === "string" && value.startsWith("$")) {
    const kept = names.get(value.slice(1));
    if (kept === undefined) {
      throw new Mismatch(`the scenario has kept nothing as ${value}`);
    }
    return kept;
  }
  return value;
}

/** Gives what lies at a path such as `procedure.etag`. */
export function lookUp(path: string, value: JsonValue): JsonValue {
  let found: JsonValue | undefined = value;
  for (const key of path.split(".")) {
    found = isObject(found) ? found[key] : undefined;
  }
  if (found === undefined) {
    throw new Mismatch(`there is no ${path} to keep in ${shown(value)}`);
  }
  return found;
}

/** Throws a Mismatch unless everything that is expected is there. */
export function compare(expected: JsonValue, actual: JsonValue | undefined, path = ""): void {
  if (Array.isArray(expected)) {
    const entries = actual ?? [];
    if (!Array.isArray(entries) || entries.length !== expected.length) {
      throw new Mismatch(`${path}: expected ${expected.length} entries, got ${shown(actual)}`);
    }
    expected.forEach((entry, index) => {
      compare(entry, entries[index], `${path}[${index}]`);
    });
  } else if (isObject(expected)) {
    const [[rule, operand] = [], ...others] = Object.entries(expected);
    if (rule?.startsWith("$") && operand !== undefined && others.length === 0) {
      compareBy(rule, operand, actual, path);
      return;
    }
    if (!isObject(actual)) {
      throw new Mismatch(`${path || "the answer"}: expected an object, got ${shown(actual)}`);
    }
    for (const [key, entry] of Object.entries(expected)) {
      compare(entry, actual[key], path ? `${path}.${key}` : key);
    }
  } else if (!equal(expected, actual)) {
    throw new Mismatch(`${path}: expected ${shown(expected)}, got ${shown(actual)}`);
  }
}

function compareBy(rule: string, operand: JsonValue, actual: JsonValue | undefined, path: string): void {
  if (!holds(rule, operand, actual, path)) {
    throw new Mismatch(`${path}: expected ${rule} ${shown(operand)}, got ${shown(actual)}`);
  }
}

function holds(rule: string, operand: JsonValue, actual: JsonValue | undefined, path: string): boolean {
  switch (rule) {
    case "$contains":
      return typeof operand === "string"
        ? typeof actual === "string" && actual.includes(operand)
        : Array.isArray(actual) && actual.some((entry) => matches(operand, entry));
    case "$above":
      return (typeof actual === "number" || typeof actual === "string") && Number(actual) > Number(operand);
    case "$not":
      return !matches(operand, actual);
    default:
      throw new Mismatch(`${path}: there is no rule ${rule}`);
  }
}

function matches(expected: JsonValue, actual: JsonValue | undefined): boolean {
  try {
    compare(expected, actual);
    return true;
  } catch (error) {
    if (error instanceof Mismatch) {
      return false;
    }
    throw error;
  }
}

function equal(expected: JsonValue, actual: JsonValue | undefined): boolean {
  // JSON of Protobuf leaves defaults out.
  if (actual === undefined || actual === null) {
    return expected === null || expected === false || expected === 0 || expected === "";
  }
  // So it writes numbers of 64 bits.
  if (typeof expected === "number" && typeof actual === "string") {
    return String(expected) === actual;
  }
  return isDeepStrictEqual(expected, actual);
}

/** True if it is one of JSON's objects. */
export function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A value as a person reads it. */
export function shown(value: JsonValue | undefined): string {
  return value === undefined ? "nothing" : JSON.stringify(value);
}
