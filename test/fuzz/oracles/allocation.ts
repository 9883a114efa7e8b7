import { requireThat } from "./violation.js";

/** Fails when, during the action, a buffer is made that is larger than so many bytes. */
export function withinAllocation<Value>(mostBytes: number, action: () => Value): Value {
  const alloc = Buffer.alloc.bind(Buffer);
  const allocUnsafe = Buffer.allocUnsafe.bind(Buffer);
  const concat = Buffer.concat.bind(Buffer);
  const check = (bytes: number): void =>
    requireThat(bytes <= mostBytes, () => `A buffer of ${bytes} bytes was made, where ${mostBytes} had to do`);
  Buffer.alloc = (size: number, ...rest: never[]) => {
    check(size);
    return alloc(size, ...rest);
  };
  Buffer.allocUnsafe = (size: number) => {
    check(size);
    return allocUnsafe(size);
  };
  Buffer.concat = (list: readonly Uint8Array[], total?: number) => {
    check(total ?? list.reduce((sum, item) => sum + item.length, 0));
    return concat(list, total);
  };
  try {
    return action();
  } finally {
    Object.assign(Buffer, { alloc, allocUnsafe, concat });
  }
}
