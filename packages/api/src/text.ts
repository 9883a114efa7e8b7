/**
 * A path, an argument or a name as the runner knows it.
 *
 * On POSIX these are bytes, and not every byte sequence is UTF-8. A string is sent as its UTF-8 bytes;
 * bytes are sent as they are. Neither may contain a NUL byte: such a value is `invalid_request`.
 */
export type Text = string | Uint8Array;
