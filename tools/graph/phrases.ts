/** Resources in words. Kinds that are not here are told by their name and their plain inputs. */
import type { Change, Declared } from "./declared.ts";
import { fieldLike, textOf, textsOf } from "./find.ts";

export interface Line {
  text: string;
  change: Change | undefined;
}

const longest = 56;

export const shortened = (text: string): string => (text.length > longest ? `${text.slice(0, longest - 1)}…` : text);

const acronyms = /^(dns|dhcp|ip|ovs|ssh|vlan|maas)$/i;

/** "OvsBridge" is "OVS bridge". */
export function words(kind: string): string {
  const parts = kind.split(/(?=[A-Z])/).map((part) => (acronyms.test(part) ? part.toUpperCase() : part.toLowerCase()));
  const text = parts.join(" ");
  return text.charAt(0).toUpperCase() + text.slice(1);
}

const phrases: Record<string, (resource: Declared) => string> = {
  IpRange: (range) =>
    `${textOf(range.fields["type"])} ${textOf(fieldLike(range, /^start/))} – ${textOf(fieldLike(range, /^end/))}`,
  VlanDhcp: (dhcp) => (textOf(fieldLike(dhcp, /relay/i)) === "" ? "DHCP on" : "DHCP relayed"),
};

/** What a line on a machine or a network says of it. */
export function phrase(resource: Declared): string {
  const known = phrases[resource.kind]?.(resource);
  if (known !== undefined) return shortened(known);
  const inputs = plainInputs(resource);
  return shortened(`${words(resource.kind)}: ${inputs.length > 0 ? inputs.join(", ") : resource.name}`);
}

/** Inputs that a person wrote and that speak of no other resource. */
function plainInputs({ fields, inputs, references }: Declared): string[] {
  return inputs
    .filter(
      (name) =>
        !/timeout$|^(machine|interface|parents?|subnet|vlan|fabric|comment|description|onDelete|roles?)$/i.test(name),
    )
    .filter((name) => (references[name] ?? []).length === 0)
    .flatMap((name) => textsOf(fields[name]));
}

/** What people call it: its name in MAAS, else in the program. */
export const nameOf = (resource: Declared): string =>
  textOf(resource.fields["name"]) || textOf(resource.fields["hostname"]) || resource.name;

const shownNames = 6;

/** One line a kind: "Tag: web, db". */
export function linesByKind(resources: readonly Declared[]): Line[] {
  const kinds = Map.groupBy(resources, ({ kind }) => kind);
  return [...kinds].map(([kind, members]) => {
    const names = members.slice(0, shownNames).map((member) => `${mark(member.change)}${nameOf(member)}`);
    const more = members.length - names.length;
    const text = `${words(kind)}: ${names.join(", ")}${more > 0 ? ` and ${String(more)} more` : ""}`;
    return { text: shortened(text), change: undefined };
  });
}

const marks: Record<Change, string> = { create: "+ ", update: "~ ", replace: "± ", delete: "− " };

/** As `pulumi preview` writes them. */
export const mark = (change: Change | undefined): string => (change === undefined ? "" : marks[change]);
