/** Everything a program uses: resource classes, their arguments, and the checks that config shares with them. */
export { assignRoles } from "./core/assign-roles.ts";
export type { Holders, RoleWish } from "./core/assign-roles.ts";
export { Check } from "./core/check.ts";
export { isError, messageOf } from "./core/errors.ts";
export { GeneratedSecret } from "./core/generated-secret.ts";
export type { GeneratedSecretArgs } from "./core/generated-secret.ts";
export { suggestion } from "./core/nearest.ts";
export { RoleAssignment } from "./core/role-assignment.ts";
export type { RoleAssignmentArgs } from "./core/role-assignment.ts";
export { settled } from "./core/settled.ts";
export {
  addressProblem,
  cidrProblem,
  hostnameProblem,
  macProblem,
  normaliseMac,
  outsideProblem,
  overlap,
  spanOf,
  subnetSpan,
  within,
} from "./maas/addresses.ts";
export { Bond } from "./maas/bond.ts";
export type { BondArgs } from "./maas/bond.ts";
export { Bridge } from "./maas/bridge.ts";
export type { BridgeArgs } from "./maas/bridge.ts";
export { BootImages } from "./maas/boot-images.ts";
export type { BootImagesArgs } from "./maas/boot-images.ts";
export type { TestPolicy } from "./maas/commissioning.ts";
export { Deployment } from "./maas/deployment.ts";
export type { DeploymentArgs } from "./maas/deployment.ts";
export { DnsDomain } from "./maas/dns-domain.ts";
export type { DnsDomainArgs } from "./maas/dns-domain.ts";
export { DnsRecord } from "./maas/dns-record.ts";
export type { DnsRecordArgs } from "./maas/dns-record.ts";
export { Fabric } from "./maas/fabric.ts";
export type { FabricArgs } from "./maas/fabric.ts";
export type { FoundFabric, FoundImage, FoundMachine, FoundRack, FoundSubnet, FoundVlan } from "./maas/found.ts";
export { interfaceNameProblem } from "./maas/interface-check.ts";
export { InterfaceLink } from "./maas/interface-link.ts";
export type { InterfaceLinkArgs, LinkMode } from "./maas/interface-link.ts";
export { IpRange } from "./maas/ip-range.ts";
export type { IpRangeArgs } from "./maas/ip-range.ts";
export { lookup } from "./maas/lookup.ts";
export type { Lookup, MachineQuestion } from "./maas/lookup.ts";
export { MaasSettings } from "./maas/maas-settings.ts";
export type { MaasSettingsArgs } from "./maas/maas-settings.ts";
export { Machine } from "./maas/machine.ts";
export type { MachineArgs } from "./maas/machine.ts";
export { NetworkInterface } from "./maas/network-interface.ts";
export type { NetworkInterfaceArgs } from "./maas/network-interface.ts";
export { NodeScript } from "./maas/node-script.ts";
export type { NodeScriptArgs } from "./maas/node-script.ts";
export { OvsBridge } from "./maas/ovs-bridge.ts";
export type { OvsBridgeArgs } from "./maas/ovs-bridge.ts";
export { PackageRepository } from "./maas/package-repository.ts";
export type { PackageRepositoryArgs } from "./maas/package-repository.ts";
export type { Power } from "./maas/power.ts";
export { ResourcePool } from "./maas/resource-pool.ts";
export type { ResourcePoolArgs } from "./maas/resource-pool.ts";
export { Space } from "./maas/space.ts";
export type { SpaceArgs } from "./maas/space.ts";
export { SshKey } from "./maas/ssh-key.ts";
export type { SshKeyArgs } from "./maas/ssh-key.ts";
export { StaticRoute } from "./maas/static-route.ts";
export type { StaticRouteArgs } from "./maas/static-route.ts";
export { StorageLayout } from "./maas/storage-layout.ts";
export type { StorageLayoutArgs } from "./maas/storage-layout.ts";
export { Subnet } from "./maas/subnet.ts";
export type { SubnetArgs } from "./maas/subnet.ts";
export { surveyByProgram } from "./maas/survey.ts";
export type { Survey, SurveyedMachine, SurveyedSubnet, UsedAddress } from "./maas/survey.ts";
export { Tag } from "./maas/tag.ts";
export type { TagArgs } from "./maas/tag.ts";
export { Vlan } from "./maas/vlan.ts";
export type { VlanArgs } from "./maas/vlan.ts";
export { VlanDhcp } from "./maas/vlan-dhcp.ts";
export type { VlanDhcpArgs } from "./maas/vlan-dhcp.ts";
export { VlanInterface } from "./maas/vlan-interface.ts";
export type { VlanInterfaceArgs } from "./maas/vlan-interface.ts";
export { Zone } from "./maas/zone.ts";
export type { ZoneArgs } from "./maas/zone.ts";
