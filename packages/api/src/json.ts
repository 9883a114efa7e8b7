/** Any value that JSON can carry. */
export type JsonValue = null | boolean | number | string | readonly JsonValue[] | { readonly [key: string]: JsonValue };

/** A JSON object: what a provider keeps about itself in a session's state. */
export type JsonObject = { readonly [key: string]: JsonValue };
