/** maas/?op=get_config and set_config: the region's settings, with the checks MAAS makes on each (facts: maas.md 2.17). */
import { configItems, type ConfigItem } from "./config-items.ts";
import { hostnameProblem } from "./dns-names.ts";
import { invalidChoiceText, mandatory, requiredMessage } from "./form.ts";
import { parseIp, parseNetwork } from "./ip-address.ts";
import type { ApiError, Call, Operation } from "./operation.ts";
import { fieldErrors, refusal } from "./reply.ts";
import type { Json, LabState } from "./state.ts";

/** The value of a setting, also for other handlers. */
export function configValue(state: LabState, name: string): Json {
  const stored = state.config[name];
  return stored === undefined ? (configItems[name]?.initial ?? null) : stored;
}

/** An old name that still works. */
const currentName = (name: string): string => (name === "ntp_server" ? "ntp_servers" : name);

/** Settings that became package repositories. */
const archives: Record<string, string> = { main_archive: "main_archive", ports_archive: "ports_archive" };

function unknownSetting(name: string): ApiError {
  const valid = Object.keys(configItems).join(", ");
  return fieldErrors({ [name]: [`${name} is not a valid config setting (valid settings are: ${valid}).`] });
}

function getConfig({ state, query }: Call) {
  const name = currentName(mandatory(query, "name"));
  const reply = (value: Json) => ({ status: 200, contentType: "application/json", body: value });
  const archive = archives[name];
  if (archive !== undefined)
    return reply(Object.values(state.packageRepositories).find((row) => row.name === archive)?.url ?? null);
  if (!configItems[name]) throw unknownSetting(name);
  return reply(configValue(state, name));
}

function setConfig({ state, form }: Call) {
  const name = currentName(mandatory(form, "name"));
  if (name === "") throw refusal(400, "Invalid name: Please enter a value");
  const value = mandatory(form, "value");
  const archive = Object.values(state.packageRepositories).find((row) => row.name === archives[name]);
  const item = configItems[name];
  if (archive) archive.url = value;
  else if (item) state.config[name] = checked(state, name, item, value.trim());
  else throw unknownSetting(name);
  return { status: 200, contentType: "text/plain", body: "OK" };
}

/** The value as it is stored; throws the 400 of its form. */
function checked(state: LabState, name: string, item: ConfigItem, value: string): Json {
  const fail = (message: string): ApiError => fieldErrors({ [name]: [message] });
  switch (item.kind) {
    case "boolean":
      // A checkbox: all but "" and "false" is true.
      return value !== "" && value.toLowerCase() !== "false";
    case "text":
      if (item.required && value === "") throw fail(requiredMessage);
      return value;
    case "integer":
      return integer(item, value, fail);
    case "choice":
      return choice(state, name, item, value, fail);
    case "addresses":
      return words(value, (word) =>
        parseIp(word) ? word : fail(`Invalid IP address: ${word}; provide a list of space-separated IP addresses`),
      );
    case "hosts":
      return words(value, (word) => host(word, fail));
    case "networks":
      return words(value, (word) => network(word, fail));
    case "url":
      if (value !== "" && !/^(https?|ftps?):\/\/[^\s/]+(\/\S*)?$/i.test(value)) throw fail("Enter a valid URL.");
      return value;
    case "syslog":
      return value === "" ? null : /:\d+$/.test(value) ? value : `${value}:514`;
    case "interval":
      return interval(value, fail);
  }
}

type Fail = (message: string) => ApiError;

function integer(item: ConfigItem & { kind: "integer" }, value: string, fail: Fail): Json {
  if (value === "") return null;
  if (!/^[+-]?\d+$/.test(value)) throw fail("Enter a whole number.");
  const number = Number(value);
  if (item.min !== undefined && number < item.min)
    throw fail(`Ensure this value is greater than or equal to ${String(item.min)}.`);
  if (item.max !== undefined && number > item.max)
    throw fail(`Ensure this value is less than or equal to ${String(item.max)}.`);
  const problem = item.port ? portRefusal(number, item.initial) : undefined;
  if (problem !== undefined) throw fail(problem);
  return number;
}

function portRefusal(port: number, ownPort: Json): string | undefined {
  if (port === ownPort) return undefined;
  const what = "Unable to change port number";
  if (port > 65535 || port <= 0) return `${what}. Port number is not between 0 - 65535.`;
  if (port <= 1023) return `${what}. Port number is reserved for system services.`;
  if (port >= 5240 && port <= 5270) return `${what}. Port number is reserved for MAAS services.`;
  return undefined;
}

function choice(state: LabState, name: string, item: ConfigItem & { kind: "choice" }, value: string, fail: Fail): Json {
  if (value === "") {
    if (item.required) throw fail(requiredMessage);
    return "";
  }
  const choices = item.choices(state);
  if (choices.includes(value)) return value;
  if (item.message !== undefined) throw fail(item.message);
  if (item.noun === undefined) throw fail(`Select a valid choice. ${value} is not one of the available choices.`);
  throw fail(invalidChoiceText(item.noun || name, value, choices));
}

/** Commas and blanks separate; kept with single blanks. */
function words(text: string, check: (word: string) => string | ApiError): string {
  return text
    .split(/[,\s]+/)
    .filter(Boolean)
    .map((word) => {
      const found = check(word);
      if (typeof found !== "string") throw found;
      return found;
    })
    .join(" ");
}

function host(word: string, fail: Fail): string | ApiError {
  const looksLikeIp = /^\d{1,3}(\.\d{1,3}){3}$/.test(word) || word.includes(":");
  if (looksLikeIp) return parseIp(word) ? word : fail(`Failed to detect a valid IP address from '${word}'.`);
  const problem = hostnameProblem(word);
  return problem === undefined ? word : fail(`Invalid hostname: ${problem}`);
}

function network(word: string, fail: Fail): string | ApiError {
  if (word.includes("/")) return parseNetwork(word) ? word : fail(`Invalid network: ${word}.`);
  if (/^\d{1,3}(\.\d{1,3}){3}$/.test(word) || word.includes(":"))
    return parseIp(word) ? word : fail(`Invalid IP address: ${word}.`);
  return host(word, fail);
}

/** A systemd time span such as `15m` or `1h 30min`. */
function interval(value: string, fail: Fail): string {
  const span = /^(\d+\s*(h|hr|hour|hours|m|min|minute|minutes|s|sec|second|seconds)\s*)+$/;
  if (span.test(value)) return value;
  throw fail(
    `Invalid interval: ${value}, only 'h|hr|hour|hours, m|min|minute|minutes, s|sec|second|seconds' are valid units`,
  );
}

export const configOperations: Operation[] = [
  { method: "GET", path: "maas/", op: "get_config", access: "user", handle: getConfig },
  { method: "POST", path: "maas/", op: "set_config", access: "admin", handle: setConfig },
];
