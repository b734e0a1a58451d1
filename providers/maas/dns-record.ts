/**
 * All records of one type at one name: the addresses of a host, the mail servers of a domain. In MAAS addresses (A, AAAA)
 * belong to the name itself, the rest are records of their own (facts: maas.md 2.13). Machines have their names by
 * themselves; this is for the others. What MAAS had at the name before is put back on delete.
 */
import type * as pulumi from "@pulumi/pulumi";
import type { Check } from "../core/check.ts";
import { DynamicResource } from "../core/dynamic-resource.ts";
import type { Lifecycle } from "../core/lifecycle.ts";
import { claims } from "./claims.ts";
import {
  domainReferenceProblem,
  LONGEST_RECORD_TTL,
  normaliseData,
  RECORD_TYPES,
  recordDataProblem,
  recordNameProblem,
} from "./dns-names.ts";
import type { RecordType } from "./dns-names.ts";
import { giveBackRecords, isRecorded, recordsOf, writeRecords } from "./dns-writes.ts";
import type { FormerRecords, RecordSet } from "./dns-writes.ts";
import type { MaasServices } from "./services.ts";

export interface DnsRecordArgs {
  /** Id of a domain (`domain.id`), which stays when it is renamed; or its name. Changing this replaces. */
  domain: pulumi.Input<string>;
  /** "www"; "@" is the domain itself; "_http._tcp" for SRV. Changing this replaces. */
  name: pulumi.Input<string>;
  /** Changing this replaces. @default "A" */
  type?: pulumi.Input<RecordType>;
  /** One text, or a list of them, e.g. "172.16.0.3", or "10 mail.rack.example." for MX. Changed in place. */
  data: pulumi.Input<string> | pulumi.Input<pulumi.Input<string>[]>;
  /** How long answers are valid, in seconds. Changed in place. @default the domain's */
  ttl?: pulumi.Input<number>;
}

type Inputs = RecordSet;

interface State extends Inputs {
  fqdn: string;
  /** What was at the name before us. */
  former: FormerRecords;
  /** Addresses that MAAS holds as reserved because of this record: they are set free with it. */
  reserved: string[];
}

const ANOTHER = { replace: "another record: the old one is taken away first, and the name has no answer meanwhile" };

export const dnsRecord: Lifecycle<MaasServices, Inputs, State> = {
  changes: {
    domain: ANOTHER,
    name: ANOTHER,
    type: ANOTHER,
    data: {
      interrupts:
        "the name leads elsewhere from now on; who has asked before keeps the old answer until its TTL is over",
    },
    ttl: "update",
  },
  deleteBeforeReplace: true,

  normalise: (inputs) => {
    const type = typeof inputs.type === "string" ? (inputs.type.toUpperCase() as RecordType) : "A";
    const data = typeof inputs.data === "string" ? [inputs.data] : inputs.data;
    return {
      ...inputs,
      type,
      ...(data === undefined ? {} : { data: Array.isArray(data) ? data.map((one) => normaliseData(type, one)) : data }),
    };
  },

  check(check, { urn }) {
    check.onlyKnown([...Object.keys(dnsRecord.changes), "fqdn", "former", "reserved"]);
    check.required("domain", '`domain.id`, the output of a DnsDomain, or "maas"');
    check.text("domain", domainReferenceProblem);
    check.required("name", '"www"');
    check.oneOf("type", RECORD_TYPES);
    const type = typeOf(check);
    const domain = check.value("domain");
    check.text("name", (name) => recordNameProblem(name, type, typeof domain === "string" ? domain : undefined));
    checkData(check, type);
    check.integer("ttl", { from: 0, to: LONGEST_RECORD_TTL, unit: "seconds" });
    checkNeighbours(check, urn, type);
  },

  async create(context, inputs) {
    const id = `${inputs.domain}/${inputs.name}/${inputs.type}`;
    const state = await writeRecords(context, inputs, (half) => {
      context.created(id, half);
    });
    return { id, state: { ...inputs, ...state } };
  },

  async leftBehind({ services, recorded }, inputs) {
    const former = recorded(`${inputs.type} of ${inputs.name}`) as FormerRecords | undefined;
    const found = former && (await services.dns.name(inputs));
    if (!found || recordsOf(found, inputs.type).data.length === 0) return undefined;
    const reserved = inputs.data.filter((address) => isRecorded({ recorded }, address));
    const state = { ...inputs, fqdn: found.fqdn, former, reserved };
    return { id: `${inputs.domain}/${inputs.name}/${inputs.type}`, state };
  },

  async read({ services }, _id, state) {
    const found = await services.dns.name(state);
    const now = found && recordsOf(found, state.type);
    if (!found || !now || now.data.length === 0) return undefined;
    const { ttl: _asked, ...rest } = state;
    return {
      ...rest,
      fqdn: found.fqdn,
      data: sameSet(now.data, state.data) ? state.data : now.data,
      ...(state.ttl === undefined || now.ttl === undefined ? {} : { ttl: now.ttl }),
    };
  },

  async update(context, _id, old, inputs) {
    const state = await writeRecords(context, inputs, () => undefined, old);
    return { ...inputs, ...state };
  },

  async delete(context, _id, state) {
    await giveBackRecords(context, state);
  },
};

const sameSet = (a: string[], b: string[]): boolean => a.length === b.length && a.every((one) => b.includes(one));

function typeOf(check: Check): RecordType | undefined {
  const type = check.value("type");
  return RECORD_TYPES.find((known) => known === type);
}

function checkData(check: Check, type: RecordType | undefined): void {
  const data = check.value("data");
  if (check.absent("data") || (Array.isArray(data) && data.length === 0)) {
    check.fail("data", 'is missing; write for example "172.16.0.3"');
    return;
  }
  check.texts("data", (one) => (type === undefined ? undefined : recordDataProblem(type, one)));
  if (type === "CNAME" && Array.isArray(data) && data.length > 1) {
    check.fail("data", "has more than one name, and a CNAME leads to one; take the others out");
  }
}

/** Two resources for the same records would undo each other's; and a CNAME stands alone at its name. */
function checkNeighbours(check: Check, urn: string, type: RecordType | undefined): void {
  const [domain, name] = [check.value("domain"), check.value("name")];
  if (typeof domain !== "string" || typeof name !== "string" || type === undefined || urn === "") return;
  const ours = claims(check, urn);
  const records = (of: RecordType): string => `${of} records of ${name} in DNS domain ${domain}`;
  ours.claim(
    records(type),
    "data",
    (holder) => `belongs to the ${type} records of "${holder}", which has the same name; write all of it there`,
  );
  for (const other of RECORD_TYPES) {
    const holder = (other === "CNAME") === (type === "CNAME") ? undefined : ours.holder(records(other));
    if (holder === undefined) continue;
    check.fail(
      "type",
      `cannot be ${type}: "${holder}" has ${other} records of the same name, and a CNAME stands alone at its name`,
    );
  }
}

export class DnsRecord extends DynamicResource {
  declare readonly fqdn: pulumi.Output<string>;
  declare readonly data: pulumi.Output<string[]>;

  constructor(name: string, args: DnsRecordArgs, options?: pulumi.CustomResourceOptions) {
    super("maas:DnsRecord", name, { ...args }, ["fqdn", "former", "reserved"], options);
  }
}
