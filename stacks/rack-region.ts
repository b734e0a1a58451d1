/** What of the MAAS region itself the rack needs: images, settings, the dashboard's name in DNS. Given back as it was found. */
import type { ComponentResourceOptions, Resource } from "@pulumi/pulumi";
import { ComponentResource } from "@pulumi/pulumi/resource.js";
import { BootImages, DnsRecord, MaasSettings } from "../providers/index.ts";
import type { RegionConfig } from "./region-config.ts";

/** Short, so that a dashboard that moves is soon found at its new address. In seconds. */
const DASHBOARD_TTL = 60;

export class RackRegion extends ComponentResource {
  /** What must be there before a machine boots from the network. */
  readonly serving: Resource[];

  constructor(name: string, { images, settings, dashboard }: RegionConfig, options?: ComponentResourceOptions) {
    super("metalform:rack:Region", name, {}, options);
    const parent = { parent: this };
    const selections = images.map((release) => ({ release }));
    this.serving = selections.length > 0 ? [new BootImages(name, { selections }, parent)] : [];
    if (Object.keys(settings).length > 0) new MaasSettings(name, settings, parent);
    if (dashboard !== undefined) {
      const { name: label, domain, address } = dashboard;
      new DnsRecord("dashboard", { domain, name: label, data: address, ttl: DASHBOARD_TTL }, parent);
    }
    this.registerOutputs({});
  }
}
