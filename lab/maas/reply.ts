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

export const deleted = (): Reply => ({ status: 204, contentType: "text/plain", body: "" });

/** 400 with field errors, as Django forms report them. */
export const fieldErrors = (errors: Record<string, string[]>): ApiError => new ApiError(json(errors, 400));

/** Any single-sentence refusal: 400, 403, 404, 409, 500, 503. */
export const refusal = (status: number, sentence: string, headers?: Record<string, string>): ApiError =>
  new ApiError({ ...text(sentence, status), ...(headers ? { headers } : {}) });

/** 404 `No Machine matches the given query.`; `model` is Django's name of the table. */
export const notFound = (model: string): ApiError =>
  new ApiError({ status: 404, contentType: "text/plain", body: `No ${model} matches the given query.` });

/** 403 with an empty body: what MAAS says to most things a user may not do (facts: maas.md 1.3). */
export const forbidden = (sentence = ""): ApiError => refusal(403, sentence);

/** 409 HTML with Retry-After 5: a database conflict (facts: maas.md 1.6, trap 4). */
export const databaseConflict = (): ApiError =>
  new ApiError({
    status: 409,
    contentType: "text/html; charset=utf-8",
    body: "<!DOCTYPE html>\n<html><head><title>Conflict</title></head><body><h1>Conflict error. Try your request again, as it will most likely succeed.</h1></body></html>\n",
    headers: { "Retry-After": "5" },
  });
