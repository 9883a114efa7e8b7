import ssh2, { type IdentityCallback, type ParsedKey, type SignCallback, type SigningRequestOptions } from "ssh2";

type Signer = (data: Buffer, hash: string | undefined) => Buffer | Promise<Buffer>;

/** What the library takes for an agent, with one key: so each attempt to log in is one that we chose. */
export class SingleKeyAgent extends ssh2.BaseAgent<ParsedKey> {
  readonly #key: ParsedKey;
  readonly #signer: Signer;

  constructor(key: ParsedKey, signer: Signer) {
    super();
    this.#key = key;
    this.#signer = signer;
  }

  override getIdentities(done: IdentityCallback<ParsedKey>): void {
    done(undefined, [this.#key]);
  }

  override sign(
    _key: ParsedKey,
    data: Buffer,
    options: SigningRequestOptions | SignCallback,
    callback?: SignCallback,
  ): void {
    const done = typeof options === "function" ? options : callback;
    const hash = typeof options === "function" ? undefined : options.hash;
    if (done !== undefined) void this.#answer(data, hash, done);
  }

  async #answer(data: Buffer, hash: string | undefined, done: SignCallback): Promise<void> {
    let signature: Buffer;
    try {
      signature = await this.#signer(data, hash);
    } catch (error) {
      done(error instanceof Error ? error : new Error(String(error)));
      return;
    }
    done(undefined, signature);
  }
}
