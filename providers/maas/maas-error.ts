/** What MAAS answered when it did not do what it was asked. Bodies are redacted before they come here. */
import { ProviderError } from "../core/errors.ts";
import type { ErrorCode } from "../core/errors.ts";

export interface MaasErrorDetails {
  /** HTTP status; undefined when no answer came. */
  status?: number | undefined;
  /** MAAS's complaints by field; `__all__` for those about the whole. */
  fields?: FieldErrors;
  /** How long MAAS asks to wait, in milliseconds. */
  retryAfterMs?: number | undefined;
  cause?: unknown;
}

export type FieldErrors = Readonly<Record<string, readonly string[]>>;

export class MaasError extends ProviderError {
  readonly status: number | undefined;
  readonly fields: FieldErrors;
  readonly retryAfterMs: number | undefined;

  constructor(code: ErrorCode, message: string, details: MaasErrorDetails = {}) {
    super(code, message, details.cause === undefined ? {} : { cause: details.cause });
    this.name = "MaasError";
    this.status = details.status;
    this.fields = details.fields ?? {};
    this.retryAfterMs = details.retryAfterMs;
  }
}
