/**
 * main: the rack controller's own computer. It routes and hides what goes from the rack to the world beyond, answers DHCP and DNS
 * (dnsmasq), offers MAAS and its proxy on the rack, and is the bastion for SSH. Its addresses follow MAAS's tables.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { rackAddresses } from "../maas/curtin-network.ts";
import type { LabState } from "../maas/state.ts";
import { rackFabric } from "./cables.ts";
import { names, packageSources, release, type MachineFile } from "./files.ts";
import type { LabMachine } from "./machine.ts";
import { addressesOf, dhcpHosts, dnsHosts, dnsmasqConfig, keysOf } from "./rack-config.ts";
import { script, type World } from "./world.ts";

/** Between main and what stands for the world beyond: addresses that documentation is written with. */
const outside = { main: "198.51.100.2", beyond: "198.51.100.1", card: "wlp3s0", mac: "00:16:3e:00:01:03" };

export interface RackOptions {
  world: World;
  main: LabMachine;
  /** Folder of main's own files. */
  layer: string;
  /** Who may log in to main beside MAAS's users. */
  publicKey: string;
  warn: (line: string) => void;
  /** Called when main is off. */
  ended: () => void;
}

/** What the running services were told last, to see what is new. */
interface Told {
  addresses: string;
  config: string;
  dhcp: string;
  dns: string;
  keys: string;
}

/** A main that does not answer by then will not. */
const patienceMs = 60_000;

export class Rack {
  readonly #options: RackOptions;
  readonly #folder: string;
  #told: Told = { addresses: "", config: "", dhcp: "", dns: "", keys: "" };
  #started = false;
  #turn: Promise<void> = Promise.resolve();

  constructor(options: RackOptions) {
    this.#options = options;
    this.#folder = join(options.world.folder, "rack");
    mkdirSync(join(this.#folder, "keys"), { recursive: true });
  }

  /** A connection to it reaches main's SSH. */
  get sshSocket(): string {
    return join(this.#options.world.folder, "ssh");
  }

  /** A connection to it reaches port 80 of main, from beyond main. */
  get webSocket(): string {
    return join(this.#options.world.folder, "web");
  }

  /** Returns once main answers SSH. */
  async start(state: LabState): Promise<void> {
    const { main, layer, world } = this.#options;
    const rack = Object.values(state.controllers)[0];
    if (!rack) throw new Error("The lab's MAAS has no rack controller.");
    const told = this.#wanted(state);
    this.#write(told);
    this.#told = told;
    await main.start(
      {
        layer,
        files: mainFiles(state),
        units: ["nftables.service"],
        nics: [
          `${rack.interface.name} ${rack.interface.mac} fabric${String(rackFabric(state))}`,
          `${outside.card} ${outside.mac} -`,
        ].join("\n"),
        before: script("main.sh"),
        environment: () => ({
          ADDRESSES: this.#told.addresses,
          RACK: rackAddresses(state)[0],
          OUTSIDE: outside.main,
          BEYOND: outside.beyond,
          SOCKETS: world.folder,
          CONFIG: this.#folder,
          BIND: `${join(this.#folder, "keys")}:/etc/ssh/lab-keys`,
        }),
      },
      this.#options.ended,
    );
    await this.#answers();
    this.#started = true;
    await this.look(state);
  }

  /** Brings the running services to what MAAS's tables say now. Resolves once they have heard it. */
  look(state: LabState): Promise<void> {
    if (!this.#started) return this.#turn;
    const wanted = this.#wanted(state);
    this.#turn = this.#turn
      .then(() => this.#tell(state, wanted))
      .catch((error: unknown) => {
        this.#options.warn(`main: ${error instanceof Error ? error.message : String(error)}`);
      });
    return this.#turn;
  }

  #wanted(state: LabState): Told {
    return {
      addresses: addressesOf(state).join(" "),
      config: dnsmasqConfig(state, this.#folder),
      dhcp: dhcpHosts(state),
      dns: dnsHosts(state),
      keys: keysOf(state, this.#options.publicKey),
    };
  }

  #write({ config, dhcp, dns, keys }: Told): void {
    const files = { "dnsmasq.conf": config, dhcp, dns, "keys/ubuntu": keys };
    for (const [name, content] of Object.entries(files)) writeFileSync(join(this.#folder, name), content);
  }

  async #tell(state: LabState, wanted: Told): Promise<void> {
    const { world } = this.#options;
    const before = this.#told;
    if (JSON.stringify(before) === JSON.stringify(wanted)) return;
    this.#told = wanted;
    this.#write(wanted);
    if (wanted.addresses !== before.addresses) {
      const card = Object.values(state.controllers)[0]?.interface.name ?? "";
      for (const address of wanted.addresses.split(" "))
        await world.run(["ip", "-n", "main", "address", "replace", address, "dev", card]);
    }
    const restarts = wanted.config !== before.config;
    if (!restarts && wanted.dhcp === before.dhcp && wanted.dns === before.dns) return;
    const pid = `$(cat ${this.#folder}/pid)`;
    const again = `kill ${pid}; ip netns exec main dnsmasq --conf-file=${this.#folder}/dnsmasq.conf`;
    await world.run(["bash", "-c", restarts ? again : `kill -HUP ${pid}`]);
  }

  /** Until main's SSH says its first line. */
  async #answers(): Promise<void> {
    const deadline = Date.now() + patienceMs;
    while (!(await greets(this.sshSocket))) {
      if (Date.now() > deadline || !this.#options.main.runs) throw new Error("main did not come up.");
      await sleep(50);
    }
  }
}

function greets(socket: string): Promise<boolean> {
  return new Promise((resolve) => {
    const connection = connect(socket);
    const end = (answer: boolean) => () => {
      connection.destroy();
      resolve(answer);
    };
    connection.once("data", end(true));
    connection.once("error", end(false));
    connection.once("close", end(false));
  });
}

const nftables = `#!/usr/sbin/nft -f
flush ruleset
table ip nat {
  chain postrouting {
    type nat hook postrouting priority srcnat;
    oifname "${outside.card}" masquerade
  }
}
`;

/** Its network is the lab's business, not networkd's. */
const unmanaged = "[Match]\nName=*\n[Link]\nUnmanaged=yes\n";

function mainFiles(state: LabState): MachineFile[] {
  const rack = Object.values(state.controllers)[0];
  const domain = state.domains[rack?.domainId ?? 0]?.name ?? "maas";
  return [
    ...names(`${rack?.hostname ?? "main"}.${domain}`, rackAddresses(state)[0] ?? "", domain),
    ...packageSources(state),
    release("jammy"),
    { path: "/etc/systemd/network/00-lab.network", content: unmanaged },
    { path: "/etc/sysctl.d/90-router.conf", content: "net.ipv4.ip_forward=1\n" },
    { path: "/etc/nftables.conf", content: nftables, mode: 0o755 },
    {
      path: "/etc/ssh/sshd_config.d/20-lab.conf",
      content: "AuthorizedKeysFile .ssh/authorized_keys /etc/ssh/lab-keys/%u\n",
    },
  ];
}
