export { defineProvider } from "./provider/define-provider.js";
export type { ProviderContext, ProviderDefinition, ProviderPolicy } from "./provider/provider-definition.js";
export type { RunnerTransport, TransportChannel, TransportExit, TransportProcess } from "./transport.js";
export { closedWithin } from "./async/closed-within.js";
export { HelperHub, type HubOptions } from "./helper/helper-hub.js";
export { codeOfErrno, errnoError } from "./errors/errno-table.js";
export { residentHelperCapabilities } from "./helper/helper-capabilities.js";
export { expected, invalidRequest, unsupported } from "./errors/expected.js";
