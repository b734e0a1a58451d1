/** The lab's page: shows what the lab sends whenever it changes. It never writes anything. */
import { element, lines, mono, status, Table } from "./dom.js";

const byId = (id) => document.getElementById(id);
const text = (value) => (value === "" ? [] : [value]);

const machineLink = ({ systemId, hostname }) => element("a", { href: `#machine/${systemId}` }, hostname);

const machines = new Table(
  "Machines of the lab",
  ["Name", "Status", "Power", "Owner", "Pool, zone", "Tags", "Addresses", "System", "Tests"],
  ({ systemId }) => systemId,
  (machine) => [
    [machineLink(machine)],
    [element("span", {}, status(machine.status), machine.locked ? " (locked)" : "")],
    [element("span", {}, status(machine.power), machine.powerType === "" ? "" : ` ${machine.powerType}`)],
    text(machine.owner),
    [`${machine.pool}, ${machine.zone}`],
    machine.tags.length === 0
      ? []
      : [element("span", {}, ...machine.tags.map((tag) => element("span", { class: "tag" }, tag)))],
    machine.addresses.length === 0 ? [] : [element("span", {}, ...lines(machine.addresses))],
    text(machine.system),
    machine.tests === "" ? [] : [status(machine.tests)],
  ],
);

const subnets = new Table(
  "Subnets of the lab",
  ["Subnet", "Name", "Fabric, VLAN", "Gateway", "DNS", "DHCP", "Ranges", "Addresses in use"],
  ({ cidr }) => cidr,
  (subnet) => [
    [mono(subnet.cidr)],
    text(subnet.name === subnet.cidr ? "" : subnet.name),
    [`${subnet.fabric}, ${subnet.vid === 0 ? "untagged" : String(subnet.vid)}`],
    subnet.gateway === "" ? [] : [mono(subnet.gateway)],
    subnet.dns.length === 0 ? [] : [element("span", {}, ...lines(subnet.dns))],
    [subnet.dhcp],
    subnet.ranges.length === 0
      ? []
      : [
          element(
            "span",
            {},
            ...lines(subnet.ranges.map(({ type, startIp, endIp }) => `${type} ${startIp} – ${endIp}`)),
          ),
        ],
    [String(subnet.addresses)],
  ],
);

const results = () =>
  new Table(
    "Test results",
    ["Script", "Of", "On", "Status", "Seconds"],
    ({ key }) => key,
    (result) => [
      [result.name],
      [result.set],
      text(result.on),
      [status(result.status)],
      result.seconds === null ? [] : [String(result.seconds)],
    ],
  );

const interfaces = () =>
  new Table(
    "Interfaces",
    ["Interface", "Kind", "MAC", "Over", "Fabric, VLAN", "Links"],
    ({ name }) => name,
    (nic) => [
      [mono(nic.name)],
      [nic.type],
      [mono(nic.mac)],
      text(nic.parents.join(", ")),
      nic.vid === null ? [] : [`${nic.fabric}, ${nic.vid === 0 ? "untagged" : String(nic.vid)}`],
      nic.links.length === 0
        ? []
        : [
            element(
              "span",
              {},
              ...lines(nic.links.map((link) => [link.mode, link.address, link.subnet].filter(Boolean).join(" "))),
            ),
          ],
    ],
  );

const events = () =>
  new Table(
    "Events, the newest first",
    ["Time", "Level", "Event", "Description", "By"],
    ({ id }) => id,
    (event) => [
      [element("time", { datetime: event.time }, new Date(event.time).toLocaleTimeString())],
      [event.level],
      [event.type],
      text(event.description),
      text(event.username),
    ],
  );

/** The machine that is looked at, with its tables. */
let view;
let last;

const chosen = () => /^#machine\/(\w+)$/.exec(location.hash)?.[1] ?? /\/machine\/(\w+)/.exec(location.pathname)?.[1];

function showList() {
  const wanted = byId("filter").value.trim().toLowerCase();
  const shown = last.machines.filter((machine) => {
    const words = [machine.hostname, machine.systemId, machine.status, machine.owner, machine.pool, machine.zone];
    return [...words, ...machine.tags, ...machine.addresses].some((word) => word.toLowerCase().includes(wanted));
  });
  const counts = Object.entries(Object.groupBy(last.machines, (machine) => machine.status));
  byId("counts").textContent =
    last.machines.length === 0
      ? "No machine is enlisted. “make up” enlists those of the config."
      : `${String(last.machines.length)} in all: ${counts.map(([name, group]) => `${String(group.length)} ${name}`).join(", ")}`;
  machines.element.hidden = last.machines.length === 0;
  machines.show(shown);
  subnets.show(last.subnets);
}

/** For those who hear the page. */
function tellNews(before) {
  const known = new Map(before.machines.map((machine) => [machine.systemId, machine.status]));
  const news = last.machines.filter((machine) => known.get(machine.systemId) !== machine.status);
  if (news.length > 0)
    byId("news").textContent = news.map((machine) => `${machine.hostname}: ${machine.status}`).join(". ");
}

async function showMachine(id) {
  const answer = await fetch(`/lab/page/machines/${id}`);
  if (chosen() !== id) return;
  if (!answer.ok) {
    view = undefined;
    byId("machine").replaceChildren(back(), element("p", {}, "There is no such machine (any more)."));
    return;
  }
  const machine = await answer.json();
  if (chosen() !== id) return;
  if (view?.id !== id) view = newView(id);
  view.title.replaceChildren(machine.hostname, " ", status(machine.status));
  view.facts.replaceChildren(
    ...facts(machine).flatMap(([name, value]) => [element("dt", {}, name), element("dd", {}, value)]),
  );
  view.interfaces.show(machine.interfaces);
  const seen = new Map();
  view.results.show(
    machine.results.map((result) => {
      const name = `${result.set} ${result.name} ${result.on}`;
      seen.set(name, (seen.get(name) ?? 0) + 1);
      return { ...result, key: `${name} ${String(seen.get(name))}` };
    }),
  );
  view.events.show(machine.events);
  document.title = `${machine.hostname} · Metalform's lab`;
}

const back = () => element("p", {}, element("a", { href: "/MAAS/r/#" }, "← All machines"));

function newView(id) {
  const made = {
    id,
    title: element("h2", { tabindex: "-1" }),
    facts: element("dl"),
    interfaces: interfaces(),
    results: results(),
    events: events(),
  };
  byId("machine").replaceChildren(
    back(),
    made.title,
    made.facts,
    element("h2", {}, "Events"),
    made.events.element,
    element("h2", {}, "Interfaces"),
    made.interfaces.element,
    element("h2", {}, "Scripts and tests"),
    made.results.element,
  );
  made.title.focus();
  return made;
}

function facts(machine) {
  const { vendor, product, cores, memoryMiB } = machine.hardware;
  const hardware = [vendor, product].filter(Boolean).join(" ");
  return [
    ["System ID", mono(machine.systemId)],
    ["FQDN", mono(machine.fqdn)],
    ["Power", element("span", {}, status(machine.power), ` ${machine.powerType}`)],
    ["Owner", machine.owner],
    ["Pool, zone", `${machine.pool}, ${machine.zone}`],
    ["Tags", machine.tags.join(", ")],
    ["Addresses", machine.addresses.join(", ")],
    ["System", machine.system],
    ["Tests", machine.tests === "" ? "" : status(machine.tests)],
    [
      "Hardware",
      cores === 0
        ? hardware
        : `${hardware} · ${String(cores)} cores, ${String(memoryMiB)} MiB, ${machine.architecture}`,
    ],
    ["Description", machine.description],
    ["Last error", machine.error],
  ].filter(([, value]) => value !== "");
}

function show() {
  const id = chosen();
  byId("list").hidden = id !== undefined;
  byId("machine").hidden = id === undefined;
  if (id !== undefined) {
    showMachine(id).catch(disconnected);
    return;
  }
  view = undefined;
  document.title = "Metalform's lab";
  showList();
}

function disconnected() {
  byId("connection").textContent = "The lab does not answer; trying again";
}

byId("machines").append(machines.element);
byId("subnets").append(subnets.element);
byId("filter").addEventListener("input", showList);
addEventListener("hashchange", () => {
  if (last) show();
});

const live = new EventSource("/lab/page/live");
live.addEventListener("message", ({ data }) => {
  const before = last;
  last = JSON.parse(data);
  byId("connection").textContent = "Live";
  show();
  if (before) tellNews(before);
});
live.addEventListener("error", disconnected);
