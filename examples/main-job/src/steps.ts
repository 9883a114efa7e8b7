/** What one tool call of the scripted agent must come back with. */
export interface StepResult {
  readonly ok: boolean;
  /** What a model would read. */
  readonly content: string;
  /** The same for a program. */
  readonly data: unknown;
}

/** Calls one of the thread's tools by its name. */
export type CallTool = (name: string, toolArguments: unknown) => Promise<StepResult>;

/** A step of the timeline, told when it is over. */
export interface Step {
  readonly title: string;
  readonly durationMs: number;
  readonly outcome: string;
  readonly ok: boolean;
}

/** Thrown by a step that came out otherwise than expected. */
class UnexpectedOutcome extends Error {}

/** Keeps what was done, in order, with how long each step took. */
export class Timeline {
  readonly steps: Step[] = [];
  readonly #tell: (step: Step) => void;

  constructor(tell: (step: Step) => void) {
    this.#tell = tell;
  }

  /** Runs one step; `work` returns a few words on what came out. */
  async step<Value>(
    title: string,
    work: () => Promise<{ readonly value: Value; readonly outcome: string }>,
  ): Promise<Value> {
    const startedAt = performance.now();
    try {
      const { value, outcome } = await work();
      this.#add({ title, outcome, ok: true, durationMs: performance.now() - startedAt });
      return value;
    } catch (error) {
      const outcome = error instanceof Error ? error.message : String(error);
      this.#add({ title, outcome, ok: false, durationMs: performance.now() - startedAt });
      throw error;
    }
  }

  #add(step: Step): void {
    this.steps.push(step);
    this.#tell(step);
  }
}

export function expectThat(condition: boolean, message: string): asserts condition {
  if (!condition) throw new UnexpectedOutcome(message);
}
