/**
 * A throw-away copy of the project: the real program and the real providers in a folder of their own, so that a test may
 * write config and edit code without touching the clone that it tests.
 */
import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const root = join(import.meta.dirname, "../..");

/** All that a run of the program and of the commands reads. */
const PARTS = [
  "ansible",
  "index.ts",
  "lab",
  "node-version.cjs",
  "package.json",
  "providers",
  "Pulumi.yaml",
  "stacks",
  "tools",
];

/** Of the empty passphrase: what it encrypts is no secret. */
const SALT = "v1:mbMuly/4sPg=:v1:uymke+J9yQq8l1eg:jIr7IDVrOmb2gqR91qHOpC04kf9wwA==";

/** One entry of `metalform:machines`. */
export interface RackedMachine {
  name: string;
  mac: string;
  amt: string;
  address?: string;
  tags?: string[];
}

/** The n-th machine of the lab's rack, as Pulumi.dev.yaml writes it. */
export const nuc = (n: number, more: Partial<RackedMachine> = {}): RackedMachine => ({
  name: `server${String(n)}`,
  mac: `1c:69:7a:00:00:${n.toString(16).padStart(2, "0")}`,
  amt: `172.16.15.${String(n)}`,
  address: `172.16.0.${String(10 + n)}`,
  ...more,
});

/** Keys without their `metalform:`, e.g. `{ machines: [nuc(1)], series: "jammy" }`. */
export type ProjectConfig = Record<string, unknown>;

export class EngineProject {
  readonly root: string;
  /** Where runs keep what they remember. */
  readonly kept: string;

  /** @param folder where the copy is made */
  constructor(folder: string) {
    this.root = folder;
    this.kept = join(folder, ".metalform");
    mkdirSync(this.kept, { recursive: true });
    for (const part of PARTS) cpSync(join(root, part), join(folder, part), { recursive: true });
    symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
  }

  /** Writes the config of the stack `dev`; the rack's subnet is the lab's unless it is given. */
  configure(config: ProjectConfig): void {
    const values = { subnet: "172.16.0.0/20", ...config };
    const keys = Object.entries(values).map(([key, value]) => [`metalform:${key}`, value]);
    // JSON is YAML.
    this.write(
      "Pulumi.dev.yaml",
      JSON.stringify({ config: Object.fromEntries(keys) as ProjectConfig, encryptionsalt: SALT }, undefined, 1),
    );
  }

  /** Changes a file of the copy; returns what puts it back. */
  edit(file: string, change: (text: string) => string): () => void {
    const before = readFileSync(join(this.root, file), "utf8");
    this.write(file, change(before));
    return () => {
      this.write(file, before);
    };
  }

  private write(file: string, text: string): void {
    writeFileSync(join(this.root, file), text);
  }
}
