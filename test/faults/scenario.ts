import type { Place } from "./places/place.js";
import type { Stage } from "./stage.js";

/** Some calls of the contract, in order. Each settles, whatever becomes of the transport, so none depends on another's success. */
export interface Scenario {
  readonly name: string;
  /** Places that do not offer what it is about are left out. @default all */
  readonly farSides?: readonly Place["farSide"][];
  run(stage: Stage): Promise<void>;
}
