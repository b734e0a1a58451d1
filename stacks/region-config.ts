/** What the config says of the MAAS region: settings by MAAS's names in camelCase, and where the dashboard is. */
import { addressProblem, hostnameProblem } from "../providers/index.ts";
import type { Check, MaasSettingsArgs } from "../providers/index.ts";

export interface RegionConfig {
  /** Series whose images MAAS is to fetch, e.g. "jammy". */
  images: string[];
  /** Checked by MaasSettings itself, which knows them all. */
  settings: MaasSettingsArgs;
  /** Its name in MAAS's DNS, and the address that the name leads to (docs/dashboard-address.md). */
  dashboard: { name: string; domain: string; address: string } | undefined;
}

export const REGION_KEYS = ["dashboard", "images", "settings"];

export interface WrittenRegion {
  images: string[];
  settings: Record<string, unknown>;
  dashboard: Record<string, unknown> | undefined;
}

export function regionConfig(check: Check, { images, settings, dashboard }: WrittenRegion): RegionConfig {
  check.texts("images");
  if (dashboard !== undefined) {
    check.onlyKnown(["name", "domain", "address"], "dashboard");
    check.required("dashboard.address", '"172.16.0.3"');
    check.text("dashboard.address", addressProblem);
    check.text("dashboard.name", hostnameProblem);
    check.text("dashboard.domain");
  }
  const text = (value: unknown, otherwise: string): string => (typeof value === "string" ? value : otherwise);
  return {
    images,
    settings,
    dashboard: dashboard && {
      name: text(dashboard["name"], "dashboard"),
      domain: text(dashboard["domain"], "maas"),
      address: text(dashboard["address"], ""),
    },
  };
}
