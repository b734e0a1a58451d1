/**
 * What an answer that is no success means (facts: maas.md 1.3, 1.6, 1.7, 3.6, 9). Each message says what was being
 * done, what was seen and what to do; none holds a 401's body, a web page, or a secret.
 */
import type { ErrorCode } from "../core/errors.ts";
import { MaasError } from "./maas-error.ts";
import type { FieldErrors } from "./maas-error.ts";
import { connectionAdvice } from "./connection-advice.ts";
import type { Operation } from "./operation.ts";
import type { Redact } from "./redact.ts";
import { retryAfter } from "./retry.ts";
import type { HttpAnswer } from "./transport.ts";

export interface Failure {
  error: MaasError;
  /** Whether sending the same again may help and cannot harm. */
  again: boolean;
}

export interface FailureContext {
  /** MAAS's address, as parsed. */
  url: string;
  redact: Redact;
}

/** What a body says: complaints by field, one sentence, or a web page that says nothing. */
interface Said {
  text: string;
  fields: FieldErrors;
  isPage: boolean;
}

export function answerError(operation: Operation, answer: HttpAnswer, context: FailureContext): Failure {
  const said = bodyOf(answer, context.redact);
  const retryAfterMs = retryAfter(answer.headers["retry-after"]);
  const { doing } = operation;
  const quote = said.text === "" ? "" : ` MAAS says: ${said.text}`;
  const harmless = operation.repeating !== "harm";
  const fail = (code: ErrorCode, message: string, again = false): Failure => ({
    error: new MaasError(code, message, { status: answer.status, fields: said.fields, retryAfterMs }),
    again,
  });

  switch (answer.status) {
    case 301:
    case 302:
    case 303:
    case 307:
    case 308:
      return fail("unreachable", redirectAdvice(answer.headers["location"], context.url));
    case 400:
      if (said.isPage && /HTTPS port/i.test(answer.body)) {
        return fail(
          "unreachable",
          `${context.url} wants https. Set the MAAS URL to ${withScheme(context.url, "https")}`,
        );
      }
      if (/current state of the node|never been commissioned/.test(said.text)) {
        return fail("wrong-state", `MAAS refuses ${doing}.${quote}`);
      }
      return fail("refused", `MAAS refuses ${doing}.${said.text === "" ? " It does not say why (400)." : quote}`);
    case 401:
      return unauthorized(answer, fail, context.url);
    case 403:
      return fail(
        "not-allowed",
        `MAAS does not allow ${doing}.${quote} The API key must be an administrator's, and a locked machine must be ` +
          "unlocked first, by whoever locked it.",
      );
    case 404:
      return notFound(operation, answer, said, fail, context.url);
    case 405:
    case 410:
    case 501:
      return fail(
        "unexpected",
        `MAAS does not know this way of ${doing} (${String(answer.status)}). Is it MAAS 3.5 or newer?${quote}`,
      );
    case 409:
      if (retryAfterMs === undefined && !said.isPage) return fail("wrong-state", `MAAS refuses ${doing} now.${quote}`);
      return fail(
        "conflict",
        `MAAS keeps reporting a database conflict while ${doing}, and has changed nothing. If that stays so, two machines ` +
          "have the same power address (AMT address), a subnet that holds a BMC's address still has an IP range, or a name " +
          "is taken.",
        harmless,
      );
    case 429:
      return fail("server-error", `MAAS is asked too much at once while ${doing}.${quote}`, true);
    case 502:
    case 503:
    case 504:
      return unavailable(operation, answer, said, fail);
    default:
      return answer.status >= 500
        ? fail(
            isPowerText(operation, said) ? "power-failed" : "server-error",
            `MAAS failed (${String(answer.status)}) while ${doing}; part of it may have been done.${quote}`,
          )
        : fail("unexpected", `MAAS answered ${String(answer.status)} while ${doing}.${quote}`);
  }
}

type Fail = (code: ErrorCode, message: string, again?: boolean) => Failure;

/** The body of a 401 may hold the real secret (trap 19): only what is known to be harmless is taken out of it. */
function unauthorized(answer: HttpAnswer, fail: Fail, url: string): Failure {
  const skew = /Expired timestamp: given (\d{1,12}) and now (\d{1,12})\b/.exec(answer.body);
  if (skew) {
    const [ours, theirs] = [Number(skew[1]), Number(skew[2])];
    return fail(
      "clock-skew",
      `The clocks differ: here it is ${timeText(ours)}, at MAAS (${url}) it is ${timeText(theirs)}, ` +
        `${String(Math.abs(theirs - ours))} s apart, and MAAS allows 300. Set the one that is wrong, for example with \`timedatectl set-ntp true\`.`,
    );
  }
  if (answer.body.includes("Nonce already used")) {
    // Refused before anything was done, and the next try has a new nonce.
    return fail("unexpected", "MAAS has seen this request before (its nonce was used).", true);
  }
  const why = /Invalid API key|Invalid access token/.test(answer.body)
    ? "does not know the API key"
    : answer.body.includes("Invalid signature")
      ? "says that the last of the API key's three parts is wrong"
      : "does not accept the API key";
  return fail(
    "bad-key",
    `MAAS at ${url} ${why}. Copy the key anew from MAAS's web page (your user, API keys) or from \`maas apikey\`, and set ` +
      "maasKey: `pulumi config set --secret maasKey ...` or METALFORM_MAAS_KEY in the environment.",
  );
}

function notFound(operation: Operation, answer: HttpAnswer, said: Said, fail: Fail, url: string): Failure {
  if (said.isPage) return fail("unreachable", notMaas(url, "404 and a web page"));
  if (said.text.startsWith("Unknown API endpoint")) {
    return fail("unexpected", `This MAAS does not know of ${operation.doing}: ${said.text} Is it MAAS 3.5 or newer?`);
  }
  // The one 404 that does not mean "not there" (trap 7).
  if (operation.op === "link_subnet" && said.text.includes("already in use")) {
    const address = String(operation.form?.["ip_address"] ?? "the address");
    return fail(
      "ip-in-use",
      `${address} is in use already, as MAAS says while ${operation.doing}: by another interface, a BMC, a rack controller or ` +
        "a machine that DHCP gave it to. Choose another address, or free it.",
    );
  }
  // Only MAAS itself can say that something of it is gone: a proxy's 404 must not make machines vanish from the state.
  if (answer.headers["x-maas-api-hash"] === undefined && !/^No \w+ matches the given query/.test(said.text)) {
    return fail("unreachable", notMaas(url, `404 while ${operation.doing}`));
  }
  return fail("gone", `Not found while ${operation.doing}.${said.text === "" ? "" : ` MAAS says: ${said.text}`}`);
}

function unavailable(operation: Operation, answer: HttpAnswer, said: Said, fail: Fail): Failure {
  const { doing } = operation;
  const status = String(answer.status);
  const harmless = operation.repeating !== "harm";
  if (said.isPage || said.text === "") {
    const restarting = `MAAS answers ${status} while ${doing}: its region controller is down or restarting.`;
    return harmless
      ? fail("server-error", `${restarting} Try again in a minute; \`sudo maas status\` on its host tells more.`, true)
      : fail("ambiguous", `${restarting} Whether it was done is not known.`);
  }
  const quote = ` MAAS says: ${said.text}`;
  if (isPowerText(operation, said)) {
    // The state has changed all the same (3.6), so the caller looks before anything is sent again.
    return fail("power-failed", `MAAS could not switch the power (${status}) while ${doing}.${quote}`, harmless);
  }
  return fail(
    "server-error",
    `MAAS could not finish (${status}) ${doing}; part of it may have been done.${quote}`,
    harmless,
  );
}

const isPowerText = (operation: Operation, said: Said): boolean =>
  operation.power === true && /\bBMC\b|power|rack controller|\bamt\b|ipmi|redfish|wsman/i.test(said.text);

export function transportError(operation: Operation, failure: unknown, context: FailureContext): Failure {
  const { advice, reached, transient } = connectionAdvice(failure, context.url);
  const harmless = operation.repeating !== "harm";
  const cause = new Error(context.redact(failure instanceof Error ? failure.message : "no answer"));
  if (reached && !harmless) {
    const message = `${advice} That was while ${operation.doing}: whether it was done is not known.`;
    return { error: new MaasError("ambiguous", message, { cause }), again: false };
  }
  return { error: new MaasError("unreachable", advice, { cause }), again: transient };
}

/** A success that is not JSON: something else answers there. */
export const wrongAnswer = (operation: Operation, answer: HttpAnswer, url: string): MaasError =>
  new MaasError("unreachable", `${notMaas(url, "something that is not JSON")} That was while ${operation.doing}.`, {
    status: answer.status,
  });

const notMaas = (url: string, got: string): string =>
  `What answers at ${url} is not MAAS (${got}). The URL has MAAS's host and port, for example http://HOST:5240/MAAS.`;

function redirectAdvice(location: string | undefined, url: string): string {
  const target = location !== undefined && URL.canParse(location, url) ? new URL(location, url) : undefined;
  if (!target) return notMaas(url, "a redirect");
  const right = `${target.origin}${/^.*?\/MAAS(?=\/|$)/.exec(target.pathname)?.[0] ?? "/MAAS"}`;
  return (
    `${url} sends us on to ${target.origin}, and Metalform does not follow, since the API key would go along. ` +
    `If that is your MAAS, set the MAAS URL to ${right}`
  );
}

const withScheme = (url: string, scheme: string): string => url.replace(/^https?/, scheme);

const timeText = (seconds: number): string =>
  `${new Date(seconds * 1000).toISOString().slice(0, 19).replace("T", " ")} UTC`;

const LONGEST_TEXT = 500;

/** By content type, then by looks (1.6): fields, a page, or text. */
function bodyOf({ headers, body }: HttpAnswer, redact: Redact): Said {
  if (headers["content-type"]?.includes("json")) {
    const fields = fieldErrors(body, redact);
    if (fields) return { text: fieldText(fields), fields, isPage: false };
  }
  const text = redact(body.trim());
  const isPage = text.startsWith("<") || (headers["content-type"]?.includes("html") === true && text.includes("<"));
  return { text: isPage ? "" : text.slice(0, LONGEST_TEXT), fields: {}, isPage };
}

function fieldErrors(body: string, redact: Redact): FieldErrors | undefined {
  let json: unknown;
  try {
    json = JSON.parse(body);
  } catch {
    return undefined;
  }
  if (typeof json !== "object" || json === null || Array.isArray(json)) return undefined;
  return Object.fromEntries(
    Object.entries(json).map(([field, messages]: [string, unknown]) => [
      field,
      (Array.isArray(messages) ? messages : [messages]).map((message) => redact(String(message))),
    ]),
  );
}

const fieldText = (fields: FieldErrors): string =>
  Object.entries(fields)
    .map(([field, messages]) => (field === "__all__" ? messages.join(" ") : `${field}: ${messages.join(" ")}`))
    .join("; ");
