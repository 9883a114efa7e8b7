export { unixLocal } from "./unix-local.js";
export type { UnixLocalConfig } from "./config.js";
