/**
 * Settings of the MAAS region, as far as they are written; on delete each goes back to what it was found to be. One a
 * program is enough. The MAAS URL is none of them: it is in a file on MAAS's host (docs/dashboard-address.md).
 */
import { isDeepStrictEqual } from "node:util";
import type * as pulumi from "@pulumi/pulumi";
import type { Changes } from "../core/changes.ts";
import type { Check } from "../core/check.ts";
import { DynamicResource } from "../core/dynamic-resource.ts";
import type { Context, Lifecycle } from "../core/lifecycle.ts";
import { claims } from "./claims.ts";
import { SETTING_NAMES, SETTINGS } from "./region-settings.ts";
import type { RegionSettings, SettingName, Value } from "./region-settings.ts";
import type { MaasServices } from "./services.ts";

/** Each is changed in place. */
export type MaasSettingsArgs = { [Name in SettingName]?: pulumi.Input<RegionSettings[Name] | undefined> };

type Values = Partial<Record<SettingName, Value>>;

interface State extends RegionSettings {
  /** What MAAS had before us, of each setting that is written. */
  former: Values;
}

/** There is one region. */
const ID = "region";

export const maasSettings: Lifecycle<MaasServices, RegionSettings, State> = {
  changes: Object.fromEntries(
    SETTING_NAMES.map((name) => [name, SETTINGS[name].change]),
  ) as unknown as Changes<RegionSettings>,
  deleteBeforeReplace: false,

  check(check, { urn }) {
    check.onlyKnown([...SETTING_NAMES, "former"], "", unknownSetting);
    for (const name of SETTING_NAMES) SETTINGS[name].check(check, name);
    checkClaims(check, urn);
  },

  async create(context, inputs) {
    const former = await settle(context, inputs, {}, {}, (half) => {
      context.created(ID, half);
    });
    return { id: ID, state: { ...inputs, former } };
  },

  leftBehind(context, inputs) {
    const former = Object.fromEntries(
      namesIn(inputs).flatMap((name) => {
        const picture = context.recorded(SETTINGS[name].field) as { value: Value } | undefined;
        return picture ? [[name, picture.value]] : [];
      }),
    );
    const left = { id: ID, state: { ...inputs, former } };
    return Promise.resolve(Object.keys(former).length === 0 ? undefined : left);
  },

  async read({ services }, _id, state) {
    // Each in the words of its own kind, by the table.
    const now = (await valuesOf(services, namesIn(state))) as RegionSettings;
    return { ...state, ...now };
  },

  async update(context, _id, old, inputs) {
    const former = await settle(context, inputs, old, old.former, (half) => {
      context.created(ID, { ...inputs, ...half });
    });
    return { ...inputs, former };
  },

  async delete(context, _id, state) {
    await settle(context, {}, state, state.former, () => undefined);
  },
};

const namesIn = (settings: RegionSettings): SettingName[] =>
  SETTING_NAMES.filter((name) => settings[name] !== undefined);

async function valuesOf({ client }: MaasServices, names: SettingName[]): Promise<Values> {
  const values = await Promise.all(
    names.map(
      async (name) => [name, SETTINGS[name].read(await client.regionConfig.get(SETTINGS[name].field))] as const,
    ),
  );
  return Object.fromEntries(values);
}

/**
 * Sets what is asked for, and gives back what is not any more, unless somebody has changed it since.
 *
 * @returns the former values of what is asked for
 */
async function settle(
  context: Context<MaasServices>,
  asked: RegionSettings,
  old: RegionSettings,
  former: Values,
  half: (state: { former: Values }) => void,
): Promise<Values> {
  const names = SETTING_NAMES.filter((name) => asked[name] !== undefined || name in former);
  const now = await valuesOf(context.services, names);
  const pictures = Object.fromEntries(
    names.map((name) => [name, former[name] ?? pictureOf(context, name, asked[name], now[name])]),
  );
  half({ former: pictures });
  for (const name of names) {
    const isOurs = isDeepStrictEqual(now[name], old[name]);
    const wanted = asked[name] ?? (isOurs ? pictures[name] : undefined);
    if (wanted === undefined || isDeepStrictEqual(now[name], wanted)) continue;
    context.progress(`Setting ${name}`);
    await context.services.client.regionConfig.set(
      SETTINGS[name].field,
      Array.isArray(wanted) ? wanted.join(" ") : wanted,
    );
  }
  return Object.fromEntries(names.filter((name) => asked[name] !== undefined).map((name) => [name, pictures[name]]));
}

/** What is as it is asked for may be an interrupted run's work; anything else is what MAAS has by itself. */
function pictureOf(
  context: Context<MaasServices>,
  name: SettingName,
  asked: Value | undefined,
  now: Value | undefined,
) {
  const value = now ?? "";
  const first = context.before(SETTINGS[name].field, { value }).value;
  return isDeepStrictEqual(value, asked) ? first : value;
}

/** There is one region: two resources for one setting would undo each other's. */
function checkClaims(check: Check, urn: string): void {
  const ours = claims(check, urn);
  for (const name of SETTING_NAMES) {
    if (check.value(name) === undefined) continue;
    ours.claim(`setting ${name}`, name, (holder) => `is set by "${holder}" too; set it in one of them`);
  }
}

/** Some names are not forgotten here, but left out. */
function unknownSetting(name: string): string | undefined {
  if (/^maasUrl$/i.test(name)) {
    return (
      "is no setting of MAAS's API: it is in a file on MAAS's host; type `sudo maas config --maas-url URL` there, and " +
      "`pulumi config set maasUrl URL` here (docs/dashboard-address.md)"
    );
  }
  return /pass|secret|token|username|key$/i.test(name)
    ? "is a secret, or belongs to one, and would be kept in Pulumi's state; set it on MAAS's web page"
    : undefined;
}

export class MaasSettings extends DynamicResource {
  constructor(name: string, args: MaasSettingsArgs, options?: pulumi.CustomResourceOptions) {
    super("maas:MaasSettings", name, { ...args }, ["former"], options);
  }
}
