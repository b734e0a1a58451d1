/** What of the MAAS region itself the rack needs: images, settings, the dashboard's name in DNS. Given back as it was found. */
import type { ComponentResourceOptions, Resource } from "@pulumi/pulumi";
import { ComponentResource } from "@pulumi/pulumi/resource.js";
import { BootImages, DnsRecord, MaasSettings } from "../providers/index.ts";
import type { MaasSettingsArgs } from "../providers/index.ts";
import type { RegionConfig } from "./region-config.ts";

/** Short, so that a dashboard that moves is soon found at its new address. In seconds. */
const DASHBOARD_TTL = 60;

const NEED_IMAGES = ["commissioningDistroSeries", "defaultDistroSeries", "defaultMinHweKernel"];

function aroundImages(settings: MaasSettingsArgs): { before: MaasSettingsArgs; after: MaasSettingsArgs } {
  const pick = (needImages: boolean): MaasSettingsArgs =>
    Object.fromEntries(Object.entries(settings).filter(([name]) => NEED_IMAGES.includes(name) === needImages));
  return { before: pick(false), after: pick(true) };
}

const isEmpty = (settings: MaasSettingsArgs): boolean => Object.keys(settings).length === 0;

export class RackRegion extends ComponentResource {
  /** What must be there before a machine boots from the network. */
  readonly serving: Resource[];

  constructor(name: string, { images, settings, dashboard }: RegionConfig, options?: ComponentResourceOptions) {
    super("metalform:rack:Region", name, {}, options);
    const parent = { parent: this };
    const selections = images.map((release) => ({ release }));
    const { before, after } = aroundImages(settings);
    // DNS and proxy must be right for the images to be fetched, and the images there for their series to be the default.
    const first = isEmpty(before) ? [] : [new MaasSettings(name, before, parent)];
    this.serving =
      selections.length > 0 ? [new BootImages(name, { selections }, { parent: this, dependsOn: first })] : [];
    if (!isEmpty(after)) new MaasSettings(`${name}-series`, after, { parent: this, dependsOn: this.serving });
    if (dashboard !== undefined) {
      const { name: label, domain, address } = dashboard;
      new DnsRecord("dashboard", { domain, name: label, data: address, ttl: DASHBOARD_TTL }, parent);
    }
    this.registerOutputs({});
  }
}
