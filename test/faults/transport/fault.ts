/** What a transport can be asked to do, or what it tells. */
export const primitives = [
  "validate",
  "create",
  "attach",
  "connect",
  "spawn",
  "stdin.write",
  "stdin.end",
  "stdout.data",
  "stdout.end",
  "stderr.data",
  "stderr.end",
  "exited",
  "kill",
  "directUrl",
  "pause",
  "destroy",
  "dispose",
] as const;
export type Primitive = (typeof primitives)[number];

export const faultKinds = ["error", "delay", "hang", "early", "garbage"] as const;
export type FaultKind = (typeof faultKinds)[number];

/** The occurrence-th call of a primitive, counted from 1, and how it fails: a kind, and after a dash in which manner. */
export interface Fault {
  readonly primitive: Primitive;
  readonly occurrence: number;
  readonly kind: FaultKind;
  readonly manner: string;
}

const promised = ["error", "error-throws", "error-nothing", "delay", "delay-late", "hang"];
const ofPlace = ["error", "error-throws", "error-nothing", "delay", "hang"];

/** What a process is said to have exited with that did not. */
export const earlyCode = 3;

/** How each primitive can fail. What garbage a stream may carry is the place's to say: see `garbage.ts`. */
const manners: Readonly<Record<Primitive, readonly string[]>> = {
  validate: [...ofPlace],
  create: [...promised, "early-gone", "garbage-nothing"],
  attach: [...promised, "early-gone", "early-lost", "garbage-nothing"],
  connect: [...promised, "early-gone", "garbage-nothing"],
  spawn: [
    ...promised,
    "early-killed",
    "early-code",
    "early-unknown",
    "early-silent",
    "garbage-noise",
    "garbage-endless",
    "garbage-nothing",
  ],
  "stdin.write": ["error", "delay", "hang", "hang-swallowed", "early-ended", "early-half", "early-killed"],
  "stdin.end": ["error", "delay", "hang", "early-killed"],
  "stdout.data": ["error", "delay", "hang", "hang-all", "early-ended", "early-killed", "early-code", "early-unknown"],
  "stdout.end": ["error", "delay", "hang", "garbage-trailing"],
  "stderr.data": ["error", "delay", "hang", "early-ended", "garbage-random"],
  "stderr.end": ["error", "delay", "hang", "garbage-trailing"],
  exited: ["error", "delay", "hang", "early-unknown", "early-code"],
  kill: ["error", "error-after", "delay", "hang"],
  directUrl: ["error", "garbage-text", "garbage-nothing"],
  pause: [...ofPlace],
  destroy: [...ofPlace],
  dispose: [...ofPlace],
};

/** Every way in which this call can fail. */
export function faultsOf(primitive: Primitive, occurrence: number, garbage: readonly string[]): Fault[] {
  const extra =
    primitive === "stdin.write" || primitive === "stdout.data" ? garbage.map((name) => `garbage-${name}`) : [];
  return [...manners[primitive], ...extra].map((manner) => ({
    primitive,
    occurrence,
    kind: kindOf(manner),
    manner,
  }));
}

function kindOf(manner: string): FaultKind {
  const kind = faultKinds.find((known) => manner === known || manner.startsWith(`${known}-`));
  if (kind === undefined) throw new Error(`Expected a manner of ${faultKinds.join(", ")}, got ${manner}`);
  return kind;
}

/** `primitive#n/manner`, the part of a fault's name that follows its scenario's. */
export function faultName({ primitive, occurrence, manner }: Fault): string {
  return `${primitive}#${occurrence}/${manner}`;
}

export function parseFault(text: string): Fault {
  const [, name = "", occurrence = "", manner = ""] = /^([a-zA-Z.]+)#(\d+)\/([a-z-]+)$/.exec(text) ?? [];
  const primitive = primitives.find((known) => known === name);
  if (primitive === undefined) throw new Error(`Expected a fault as primitive#n/manner, got ${text}`);
  return { primitive, occurrence: Number(occurrence), kind: kindOf(manner), manner };
}
