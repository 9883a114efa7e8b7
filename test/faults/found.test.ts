import { expect, test } from "vitest";
import { testContext } from "./faults-tests.js";
import { LoopLag } from "./loop-lag.js";
import { helperPlace, shellPlace } from "./places/child-places.js";
import { allScenarios } from "./scenarios/all-scenarios.js";
import { parseFault } from "./transport/fault.js";
import { tryFaults } from "./try-faults.js";

/** Each was wrong once, in the way that is said; the name is what `npm run faults -- --only` repeats. */
const found = [
  ["bytes.run/dispose#1/hang", "the session never said that it had ended"],
  ["bytes.run/create#1/garbage-nothing", "the error was none of the contract's"],
  ["bytes.run/stdin.write#4/garbage-id", "an answer to nobody's request was passed over"],
  ["bytes.run/stdout.data#3/garbage-length-large", "answers to pings kept a dead connection alive"],
  ["bytes.run/stdout.data#4/hang-all", "an end waited longer than the lease"],
  ["bytes.streams/stdin.write#7/garbage-length-large", "an unfinished file was left"],
  ["bytes.connect/stdin.write#2/error", "a lost helper was taken for none"],
  ["text.reap/stdin.write#3/hang", "a silent helper was waited for without end"],
  ["shell.reap/stdout.end#1/hang", "an exit that is not told was waited for without end"],
  ["shell.find-command/exited#1/hang", "an exit that is not told was waited for without end"],
  ["shell.run-failing/stdout.data#3/error", "the error was none of the contract's"],
  ["shell.run-many/stdout.data#12/hang-all", "a command whose group is gone was waited for without end"],
  ["shell.download/exited#3/early-unknown", "the control shell was left behind"],
  ["shell.views/stdin.write#5/early-half", "an exit code was invented"],
  ["bytes.run-aborted/stdin.write#4/garbage-swapped", "a command was started after it was cancelled"],
  ["bytes.restricted/stdout.data#3/garbage-backwards", "an answer came before its bytes, which were not missed"],
  ["bytes.run-input/stdin.write#6/garbage-backwards", "input that came after its end was dropped"],
  ["bytes.upload/stdin.write#4/garbage-cut", "a request was carried out with another last byte"],
  ["shell.list-sessions/stdin.write#1/hang", "a silent shell was waited for without end"],
  ["shell.run-input/stdout.data#7/delay", "output that came after the exit was told was cut off"],
  ["shell.read-and-write/stdin.write#4/early-killed", "an unfinished file was left"],
] as const;

test.each(found)("%s is right again: %s", { timeout: 120_000 }, async (name) => {
  using lag = new LoopLag();
  await using shell = await shellPlace();
  const [, placeName = "", scenarioName = "", fault = ""] = /^(\w+)\.([^/]+)\/(.+)$/.exec(name) ?? [];
  const place = [helperPlace("bytes"), helperPlace("text"), shell].find((one) => one.name === placeName);
  const scenario = allScenarios.find((one) => one.name === scenarioName);
  if (place === undefined || scenario === undefined) throw new Error(`Expected the name of a fault, got ${name}`);
  const figures = await tryFaults([{ place, scenario, fault: parseFault(fault) }], testContext(lag, name), {
    inFlight: 1,
    toleranceMs: 3_000,
    batch: 1,
  });
  expect(figures.violations).toEqual([]);
});
