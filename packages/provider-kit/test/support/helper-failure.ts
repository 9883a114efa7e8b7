/** The ERROR frame of a request. */
export class HelperFailure extends Error {
  readonly record: ReadonlyMap<string, Buffer>;

  constructor(record: ReadonlyMap<string, Buffer>) {
    super([...record].map(([name, value]) => `${name}=${value.toString("latin1")}`).join(" "));
    this.record = record;
  }
  field(name: string): string | undefined {
    return this.record.get(name)?.toString();
  }
}
