/** The numbers of docs/protocol.md. */
export const protocolVersion = 1;

export const maxFrameLength = 4_194_304;
/** Type and request id. */
export const minFrameLength = 5;

/** What `contents` and an answer without credit may carry at most. */
export const maxInlineBytes = 262_144;
/** What the client may send on channel 0 before it is granted more. */
export const initialInputCredit = 262_144;

export const clientFrame = {
  request: 0x01,
  data: 0x02,
  end: 0x03,
  credit: 0x04,
  abandon: 0x05,
  ping: 0x06,
} as const;

export const helperFrame = {
  result: 0x81,
  error: 0x82,
  event: 0x83,
  data: 0x84,
  end: 0x85,
  credit: 0x86,
  pong: 0x87,
} as const;

/** The last field of a frame's record: one whose last byte was lost on the way would else be read as another one. */
export const recordEnd = { key: "end", value: "." } as const;

/** The byte streams within a request. */
export const inputChannel = 0;
export const outputChannel = 1;
export const errorChannel = 2;
