/** The few shapes in which MAAS answers (facts: maas.md 1.5, 1.6). */
import { ApiError, type Reply } from "./operation.ts";

export const json = (body: unknown, status = 200): Reply => ({
  status,
  contentType: "application/json; charset=utf-8",
  body,
});

export const text = (body: string, status = 200): Reply => ({
  status,
  contentType: "text/plain; charset=utf-8",
  body,
});

export const deleted = (): Reply => ({ status: 204, contentType: "", body: "" });

/** 400 with field errors, as Django forms report them. */
export const fieldErrors = (errors: Record<string, string[]>): ApiError => new ApiError(json(errors, 400));

/** Any single-sentence refusal: 400, 403, 404, 409, 500, 503. */
export const refusal = (status: number, sentence: string, headers?: Record<string, string>): ApiError =>
  new ApiError({ ...text(sentence, status), ...(headers ? { headers } : {}) });
