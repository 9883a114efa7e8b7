const secretWords = new Set([
  "secret",
  "secrets",
  "token",
  "tokens",
  "password",
  "passwords",
  "passwd",
  "passphrase",
  "credential",
  "credentials",
  "apikey",
  "authorization",
  "bearer",
]);
const keyQualifiers = new Set(["api", "access", "private", "secret", "signing", "encryption"]);
/** A key that ends in one of these names where a secret is, not the secret. */
const pointerWords = new Set(["file", "path", "env", "variable", "ref", "id", "name", "command"]);

/** Whether a key's name says that its value is a secret: `token`, `apiKey`, `AWS_SECRET_ACCESS_KEY`. */
export function isSecretLikeKey(key: string): boolean {
  const words = key
    .replaceAll(/([a-z0-9])([A-Z])/g, "$1 $2")
    .split(/[^A-Za-z0-9]+/)
    .flatMap((part) => part.split(" "))
    .filter((word) => word !== "")
    .map((word) => word.toLowerCase());
  const last = words.at(-1);
  if (last === undefined || (words.length > 1 && pointerWords.has(last))) return false;
  return words.some(
    (word, index) =>
      secretWords.has(word) || ((word === "key" || word === "keys") && keyQualifiers.has(words[index - 1] ?? "")),
  );
}

/** A secret-like key that was found, as a schema library reports it. */
export interface SecretLikeKeyIssue {
  readonly path: (string | number)[];
  readonly message: string;
}

/** The secret-like keys of a JSON value, at any depth. A `{ id }` in such a place is a reference and is fine. */
export function secretLikeKeyIssues(value: unknown, path: (string | number)[] = []): SecretLikeKeyIssue[] {
  if (typeof value !== "object" || value === null) return [];
  if (Array.isArray(value)) {
    return value.flatMap((item, index) => secretLikeKeyIssues(item, [...path, index]));
  }
  return Object.entries(value).flatMap(([key, item]) => {
    const at = [...path, key];
    if (isSecretLikeKey(key) && !isSecretRef(item)) {
      return [
        {
          path: at,
          message: `"${key}" looks like a secret: expected a reference { id } or no such key; values reach a provider by its environment`,
        },
      ];
    }
    return secretLikeKeyIssues(item, at);
  });
}

function isSecretRef(value: unknown): boolean {
  return (
    typeof value === "object" &&
    value !== null &&
    Object.keys(value).length === 1 &&
    "id" in value &&
    typeof value.id === "string"
  );
}
