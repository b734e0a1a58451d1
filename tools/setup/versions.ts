/** `make setup`: says what the toolchain is, once it is there. */
import { execFileSync } from "node:child_process";
import { machineImage } from "../lab/lab-process.ts";

const output = (program: string, ...args: string[]) => execFileSync(program, args, { encoding: "utf8" }).trim();
const host =
  process.env["METALFORM_LANGUAGE_HOST"] === "metalform"
    ? "this project's small language host"
    : "its own language host";

/** Only where there is a Python that it can run on. */
const ansible = process.env["ANSIBLE_CONFIG"]
  ? `${/core ([\d.]+)/.exec(output("ansible", "--version"))?.[1] ?? "?"}  ${output("sh", "-c", "command -v ansible")}`
  : "none: it needs Python 3.11 or newer with venv (Debian: sudo apt-get install python3-venv)";

/** Built now, so that the first `make up` need not. */
const image = machineImage();

console.log(`Node.js    ${process.version}  ${process.execPath}
Pulumi     ${output("pulumi", "version")}  ${output("sh", "-c", "command -v pulumi")}, with ${host}
Ansible    ${ansible}
Machines   ${image ?? "the lab's do not boot here"}`);
