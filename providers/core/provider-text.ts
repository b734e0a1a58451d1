/**
 * The text that the engine keeps of a provider, and runs in the provider process. It is a file format: it sits in every
 * state ever written, so neither this text nor the place of providers/runtime.ts may ever change.
 */
export const providerText = (kind: string): string =>
  `exports.handler=()=>require("./providers/runtime.ts").provider("${kind}")`;
