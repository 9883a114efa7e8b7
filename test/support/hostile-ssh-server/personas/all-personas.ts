import type { Persona } from "../persona.js";
import { channelPersonas } from "./channels.js";
import { framePersonas } from "./frames.js";
import { loginPersonas } from "./login.js";
import { rawPersonas } from "./raw.js";
import { shellPersonas } from "./shell.js";

/** Every way to be hostile that we know of, in the order in which a connection meets them. */
export const allPersonas: readonly Persona[] = [
  ...rawPersonas,
  ...loginPersonas,
  ...channelPersonas,
  ...shellPersonas,
  ...framePersonas,
];
