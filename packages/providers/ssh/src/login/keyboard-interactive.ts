import type { KeyboardInteractiveAuthMethod } from "ssh2";
import { hostText } from "../config/host-text.js";
import type { SshHop } from "../openssh/ssh-hop.js";

/** One thing that a server asks a person. */
export interface SshPrompt {
  /** As the server sent it: it may hold anything, also what steers a terminal. */
  readonly text: string;
  /** Whether what is typed may be seen. */
  readonly echo: boolean;
}

/** What a server asks at one time. */
export interface SshQuestion {
  /** Who asks: `user@host:port`. */
  readonly host: string;
  readonly name: string;
  readonly instructions: string;
  readonly prompts: readonly SshPrompt[];
}

/** Gives an answer to each prompt, or rejects: then this way of logging in has failed. */
export type AskPerson = (question: SshQuestion) => Promise<readonly string[]>;

/** Longer ones are none that a person reads. */
const mostPrompts = 32;

/** Asks the person; where there is nobody, a password answers one hidden question, as that is how many servers ask for it. */
export function keyboardInteractive(
  hop: SshHop,
  askPerson: AskPerson | undefined,
  password: string | undefined,
): KeyboardInteractiveAuthMethod {
  let isSpent = false;
  const answersTo = async (question: SshQuestion): Promise<readonly string[]> => {
    const [only] = question.prompts;
    const mayUsePassword = password !== undefined && !isSpent && question.prompts.length === 1 && only?.echo === false;
    if (mayUsePassword) {
      isSpent = true;
      return [password];
    }
    return (await askPerson?.(question)) ?? [];
  };
  return {
    type: "keyboard-interactive",
    username: hop.user,
    prompt(name, instructions, _language, prompts, finish) {
      const shown = prompts.slice(0, mostPrompts).map(({ prompt, echo }) => ({ text: prompt, echo: echo === true }));
      const question = { host: hostText(hop), name, instructions, prompts: shown };
      void answersTo(question)
        .catch(() => [])
        // The server counts them: too few are a wrong answer, which it says.
        .then((answers) => finish(prompts.map((_, index) => answers[index] ?? "")));
    },
  };
}
