/**
 * The one error family. A message says what failed, on which thing, what was seen and what to do;
 * `code` is for programs and tests. Nothing secret may ever be put into either.
 */
export type ErrorCode =
  | "ambiguous" // a write was sent, its answer was lost: read and compare before doing anything else
  | "bad-input" // the program or its config says something that cannot be
  | "bad-key" // MAAS refuses the API key
  | "clock-skew" // MAAS refuses the OAuth timestamp
  | "conflict" // MAAS keeps reporting a database conflict (409 with Retry-After)
  | "deploy-failed"
  | "commission-failed"
  | "gone" // the thing is not there (any more)
  | "ip-in-use" // 404 "IP address is already in use"
  | "not-allowed" // 403
  | "not-configured" // no MAAS URL or key
  | "not-ours" // owned by somebody else
  | "power-failed" // the BMC did not do what it was asked
  | "refused" // MAAS refused the request's content (400)
  | "release-failed"
  | "server-error" // 5xx
  | "test-failed" // a hardware test failed
  | "timeout" // waited as long as allowed
  | "too-old" // this MAAS lacks what is needed
  | "unexpected" // something Metalform does not know: news, never silently passed over
  | "unreachable" // no connection, DNS, TLS, redirect
  | "wrong-state"; // 409 text, or a state in which the request makes no sense

export class ProviderError extends Error {
  readonly code: ErrorCode;
  /** Which thing: "machine server1 (abc123)". */
  readonly resource: string | undefined;

  constructor(code: ErrorCode, message: string, options: { resource?: string; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? {} : { cause: options.cause });
    this.name = "ProviderError";
    this.code = code;
    this.resource = options.resource;
  }
}

export const isError = (error: unknown, ...codes: ErrorCode[]): error is ProviderError =>
  error instanceof ProviderError && (codes.length === 0 || codes.includes(error.code));

/** The message of whatever was thrown. */
export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
