import { beforeAll, describe, expect, it } from "vitest";
import type { SshQuestion } from "@mooring/ssh";
import { requires } from "../../support/requires.js";
import type { Login } from "../../support/sshd/testbed.js";
import { useTestbed } from "./use-testbed.js";

const password = "correct horse";
const secret = { password: { id: "the-password" }, identityFile: [] };

describe.runIf(requires("sshd", "root"))("logging in by answers", { timeout: 60_000 }, () => {
  const use = useTestbed();
  const login = async (kind: string, ...lines: string[]): Promise<Login> =>
    use.bed.login({
      kind,
      password,
      lines,
    });
  let byPassword: Login;
  let byQuestion: Login;
  let byBoth: Login;
  beforeAll(async () => {
    byPassword = await use.bed.login({ kind: "pass", password, lines: ["PasswordAuthentication yes"] });
    byQuestion = await use.bed.login({ kind: "ask", password, lines: ["KbdInteractiveAuthentication yes"] });
    byBoth = await login("both", "PasswordAuthentication yes", "AuthenticationMethods publickey,password");
  }, 120_000);

  it("gives a password that is a secret, to servers that take one", async () => {
    expect(await use.whoami(byPassword, secret, { resolveSecret: async () => password })).toBe(byPassword.account.name);
    const wrong = use.whoami(byPassword, secret, { resolveSecret: async () => "wrong horse" });
    await expect(wrong).rejects.toMatchObject({ code: "unauthenticated", retryable: false });
    await expect(wrong).rejects.not.toThrow("wrong horse");
  });

  it("asks a person what the server asks, and lets them think", async () => {
    const asked: SshQuestion[] = [];
    const onKeyboardInteractive = async (question: SshQuestion): Promise<string[]> => {
      asked.push(question);
      return question.prompts.map(() => password);
    };
    const config = { identityFile: [] };
    expect(await use.whoami(byQuestion, config, { onKeyboardInteractive })).toBe(byQuestion.account.name);
    expect(asked[0]?.prompts).toMatchObject([{ text: expect.stringMatching(/assword/), echo: false }]);
    expect(asked[0]?.host).toBe(`${byQuestion.account.name}@127.0.0.1:${use.bed.sshd.port}`);
    const unwilling = use.whoami(byQuestion, config, {
      onKeyboardInteractive: () => Promise.reject(new Error("nobody is here")),
    });
    await expect(unwilling).rejects.toMatchObject({ code: "unauthenticated" });
  });

  it("answers one hidden question with the password, where nobody is to be asked", async () => {
    expect(await use.whoami(byQuestion, secret, { resolveSecret: async () => password })).toBe(byQuestion.account.name);
  });

  it("goes on to the second of two ways that a server wants both of", async () => {
    const config = { password: { id: "the-password" } };
    expect(await use.whoami(byBoth, config, { resolveSecret: async () => password })).toBe(byBoth.account.name);
    await expect(use.whoami(byBoth)).rejects.toMatchObject({ code: "unauthenticated" });
  });
});
