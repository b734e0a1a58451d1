/** `make setup`: says what the toolchain is, once it is there. */
import { execFileSync } from "node:child_process";

const output = (program: string, ...args: string[]) => execFileSync(program, args, { encoding: "utf8" }).trim();
const host =
  process.env["METALFORM_LANGUAGE_HOST"] === "metalform"
    ? "this project's small language host"
    : "its own language host";

console.log(`Node.js    ${process.version}  ${process.execPath}
Pulumi     ${output("pulumi", "version")}  ${output("sh", "-c", "command -v pulumi")}, with ${host}`);
