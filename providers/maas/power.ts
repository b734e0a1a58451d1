/**
 * How MAAS reaches a machine's power: what a person writes, what is wrong with it, and the form fields MAAS wants.
 * Field names and choices: `rackcontrollers/?op=describe_power_types` of MAAS 3.5.13 (transcript s01).
 *
 * No password is ever written here. `credential` names one, and the runtime finds it: METALFORM_POWER_PASSWORD_<NAME> in
 * the environment, the secret config `powerPassword_<name>`; then METALFORM_POWER_PASSWORD, `powerPassword`.
 */
import { isIP } from "node:net";
import type { Check } from "../core/check.ts";
import { ProviderError } from "../core/errors.ts";
import type { Settings } from "../core/settings.ts";
import { addressProblem, macProblem } from "./addresses.ts";

/** Intel AMT, as in NUCs. MAAS always signs in as `admin`. */
export interface AmtPower {
  type: "amt";
  /** IP address of the AMT interface. Must be nobody else's: MAAS refuses a second machine with it for ever. */
  address: string;
  /** Name of its password, not the password. @default the one password for all, `powerPassword` */
  credential?: string;
}

export interface IpmiPower {
  type: "ipmi";
  /** IP address or host name of the BMC. */
  address: string;
  user?: string;
  /** @default "LAN_2_0" */
  driver?: "LAN" | "LAN_2_0";
  /** @default "auto" */
  bootType?: "auto" | "legacy" | "efi";
  /** @default "OPERATOR" */
  privilegeLevel?: "USER" | "OPERATOR" | "ADMIN";
  /** MAC address of the BMC. */
  macAddress?: string;
  /** As for AMT; none is needed. */
  credential?: string;
}

/** A person presses the button; MAAS never asks for the power state. */
export interface ManualPower {
  type: "manual";
}

/** Any power controller behind three URLs. */
export interface WebhookPower {
  type: "webhook";
  onUri: string;
  offUri: string;
  queryUri: string;
  /** @default "status.*\\:.*running" */
  onRegex?: string;
  /** @default "status.*\\:.*stopped" */
  offRegex?: string;
  user?: string;
  /** @default true */
  verifySsl?: boolean;
  /** As for AMT; none is needed. */
  credential?: string;
}

export type Power = AmtPower | IpmiPower | ManualPower | WebhookPower;

const KEYS = {
  amt: ["type", "address", "credential"],
  ipmi: ["type", "address", "user", "driver", "bootType", "privilegeLevel", "macAddress", "credential"],
  manual: ["type"],
  webhook: ["type", "onUri", "offUri", "queryUri", "onRegex", "offRegex", "user", "verifySsl", "credential"],
} satisfies Record<Power["type"], string[]>;

export const powerTypes = Object.keys(KEYS) as Power["type"][];

export function checkPower(check: Check, path = "power"): void {
  if (check.absent(path)) return;
  check.required(`${path}.type`, `one of ${powerTypes.join(", ")}`);
  check.oneOf(`${path}.type`, powerTypes);
  const type = check.value(`${path}.type`) as Power["type"] | undefined;
  if (type === undefined || !powerTypes.includes(type)) return;
  check.onlyKnown(KEYS[type], path);
  check.text(`${path}.credential`, credentialProblem);
  if (type === "amt") {
    check.required(`${path}.address`, '"172.16.0.101"');
    check.text(`${path}.address`, addressProblem);
  }
  if (type === "ipmi") {
    check.required(`${path}.address`, '"172.16.0.101"');
    check.text(`${path}.address`, (address) => (isIP(address) ? undefined : hostProblem(address)));
    check.text(`${path}.macAddress`, macProblem);
    check.oneOf(`${path}.driver`, ["LAN", "LAN_2_0"]);
    check.oneOf(`${path}.bootType`, ["auto", "legacy", "efi"]);
    check.oneOf(`${path}.privilegeLevel`, ["USER", "OPERATOR", "ADMIN"]);
  }
  if (type === "webhook") {
    for (const uri of ["onUri", "offUri", "queryUri"]) {
      check.required(`${path}.${uri}`, '"https://power.example/server1"');
      check.text(`${path}.${uri}`, uriProblem);
    }
    check.text(`${path}.onRegex`);
    check.text(`${path}.offRegex`);
    check.flag(`${path}.verifySsl`);
  }
}

const credentialProblem = (name: string): string | undefined =>
  /^[a-z][a-z0-9-]*$/.test(name)
    ? undefined
    : `"${name}" must be the name of a password, not the password: lower-case letters, digits and dashes`;

const hostProblem = (host: string): string | undefined =>
  /^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?$/.test(host) && !/^[\d.]+$/.test(host)
    ? undefined
    : `"${host}" is neither an IP address nor a host name`;

const uriProblem = (uri: string): string | undefined =>
  URL.canParse(uri) && /^https?:/.test(uri) ? undefined : `"${uri}" is not an http(s) URL`;

/** The power parameters of MAAS, without their prefix, secrets included: never log them, never keep them. */
export function powerParameters(power: Power, settings: Settings): Record<string, string> {
  const password = secretOf(power, settings);
  switch (power.type) {
    case "manual":
      return {};
    case "amt":
      return given({ power_address: power.address, power_pass: password });
    case "ipmi":
      return given({
        power_address: power.address,
        power_driver: power.driver ?? "LAN_2_0",
        power_boot_type: power.bootType ?? "auto",
        privilege_level: power.privilegeLevel ?? "OPERATOR",
        power_user: power.user,
        mac_address: power.macAddress,
        power_pass: password,
      });
    case "webhook":
      return given({
        power_on_uri: power.onUri,
        power_off_uri: power.offUri,
        power_query_uri: power.queryUri,
        power_on_regex: power.onRegex ?? "status.*\\:.*running",
        power_off_regex: power.offRegex ?? "status.*\\:.*stopped",
        power_verify_ssl: power.verifySsl === false ? "n" : "y",
        power_user: power.user,
        power_pass: password,
      });
  }
}

function secretOf(power: Power, settings: Settings): string | undefined {
  if (power.type === "manual") return undefined;
  const name = power.credential;
  const named = name === undefined ? undefined : settings.get(`powerPassword_${name}`);
  const password = named ?? settings.get("powerPassword");
  if (password === undefined && power.type === "amt") {
    throw new ProviderError(
      "not-configured",
      `The AMT password${name === undefined ? "" : ` "${name}"`} is not set: ${settings.howTo("powerPassword", true)}.`,
    );
  }
  return password;
}

const given = (fields: Record<string, string | undefined>): Record<string, string> =>
  Object.fromEntries(Object.entries(fields).filter((field): field is [string, string] => field[1] !== undefined));

/** What two machines must not share, e.g. "amt 172.16.0.101"; undefined where sharing is no matter. */
export const powerIdentity = (power: Power): string | undefined =>
  power.type === "amt" || power.type === "ipmi" ? `${power.type} ${power.address}` : undefined;
