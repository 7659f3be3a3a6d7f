/**
 * Plays a file of scenarios and reports in TAP: `node target/conformance/main.js SCENARIOS`.
 *
 * The environment names the server: ATHENA_SERVER, ATHENA_TOKEN, and ATHENA_BREAKING_SERVER for one whose connections
 * break. The exit code is 0 if all went as the scenarios say, else 1.
 */
import { Player } from "./player.js";
import { readScenarios, type Scenario } from "./scenarios.js";
import { Mismatch } from "./values.js";

async function play(scenario: Scenario): Promise<void> {
  const { ATHENA_SERVER, ATHENA_BREAKING_SERVER, ATHENA_TOKEN } = process.env;
  const player = new Player(ATHENA_SERVER ?? "127.0.0.1:7070", ATHENA_BREAKING_SERVER, ATHENA_TOKEN);
  try {
    await player.play(scenario.steps);
  } finally {
    player.close();
  }
}

const [path] = process.argv.slice(2);
if (path === undefined) {
  console.error("usage: node target/conformance/main.js SCENARIOS");
  process.exit(2);
}
const scenarios = readScenarios(path);
console.log(`TAP version 14\n1..${scenarios.length}`);
for (const [index, scenario] of scenarios.entries()) {
  const title = `${index + 1} - ${scenario.name}`;
  try {
    await play(scenario);
    console.log(`ok ${title}`);
  } catch (error) {
    if (!(error instanceof Mismatch)) {
      throw error;
    }
    process.exitCode = 1;
    console.log(`not ok ${title}\n# ${error.message.replaceAll("\n", "\\n")}`);
  }
}
