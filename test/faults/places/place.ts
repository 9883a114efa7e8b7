import type { RemoteRunnerProvider, RunnerDestination } from "@mooring/api";
import type { ProviderDefinition } from "@mooring/provider-kit";
import type { Garbage } from "../transport/garbage.js";

/** The times that a place's policy sets, in milliseconds. */
export interface Limits {
  readonly leaseMs: number;
  readonly openTimeoutMs: number;
  readonly placeTimeoutMs: number;
}

export interface PlaceConfig {
  readonly root: string;
}

/** A far side that faults are tried over, whatever its transport is. */
export interface Place {
  readonly name: string;
  /** Which of the kit's far sides serves it. */
  readonly farSide: "helper" | "shell";
  readonly garbage: Garbage;
  /** A definition over a real transport. What it starts carries the mark in its environment and keeps its state in the directory. */
  definition(run: PlaceRun): ProviderDefinition<PlaceConfig>;
  /** Frees what all runs share. */
  [Symbol.asyncDispose](): Promise<void>;
}

export interface PlaceRun {
  /** For all that belongs to this run; removed at the end. */
  readonly directory: string;
  readonly mark: string;
  readonly limits: Limits;
}

/** The variable that marks a run's processes. */
export const markVariable = "MOORING_FAULT_RUN";

export type PlaceProvider = RemoteRunnerProvider<PlaceConfig>;
export type PlaceDestination = RunnerDestination<PlaceConfig>;
