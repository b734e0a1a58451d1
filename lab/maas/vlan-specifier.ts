/** VLANs by what a constraint says of them: an id, `vid:20`, `fabric:name`, `space:name`, `name:x`. */
import type { Vlan } from "./network-state.ts";
import { isId, splitKind } from "./specifier.ts";
import type { LabState } from "./state.ts";

export function findVlans(state: LabState, specifier: string): Vlan[] {
  const all = Object.values(state.vlans);
  const [kind, rest] = splitKind(specifier);
  const matches = (vlan: Vlan): boolean => {
    switch (kind) {
      case undefined:
      case "id":
      case "vlan":
        return isId(rest) ? vlan.id === Number(rest) : vlan.name === rest;
      case "name":
        return vlan.name === rest;
      case "vid":
        return vlan.vid === (rest === "untagged" ? 0 : Number(rest));
      case "fabric":
        return isId(rest) ? vlan.fabricId === Number(rest) : state.fabrics[vlan.fabricId]?.name === rest;
      case "space":
        return vlan.spaceId !== null && (state.spaces[vlan.spaceId]?.name === rest || String(vlan.spaceId) === rest);
      default:
        return false;
    }
  };
  return all.filter(matches);
}
