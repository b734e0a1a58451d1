import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { describe, it } from "node:test";
import type { Lab } from "../../lab/lab.ts";
import { ask, plaintext } from "../support/lab-request.ts";

const password = "planted-amt-password-7f3a";

describe("the lab's log", () => {
  it("shows no key, no header and no power password after its first line, whatever goes wrong", async () => {
    const main = new URL("../../lab/main.ts", import.meta.url).pathname;
    const child = spawn(process.execPath, [main, "--mode", "explicit"], { stdio: ["ignore", "pipe", "pipe"] });
    const lines: string[] = [];
    createInterface({ input: child.stderr }).on("line", (line) => lines.push(line));
    const stdout = createInterface({ input: child.stdout });
    const [first] = (await once(stdout, "line")) as [string];
    stdout.on("line", (line) => lines.push(line));
    const lab = JSON.parse(first) as Lab;
    const secret = lab.adminKey.split(":")[2] ?? "";

    const amt = {
      architecture: "amd64/generic",
      mac_addresses: "52:54:00:00:99:01",
      hostname: "planted",
      power_type: "amt",
      power_parameters_power_address: "192.0.2.99",
      power_parameters_power_pass: password,
    };
    const statuses = [
      // Enlisting tells the BMC to start the machine, which fails.
      await ask(lab, "POST", "machines/", { form: amt }),
      await ask(lab, "POST", "machines/?op=add_chassis", { form: amt }),
      await ask(lab, "POST", `/MAAS/r/?secret=${secret}`, { form: { op: "signal", password } }),
      await ask(lab, "GET", "users/", { headers: { Authorization: plaintext(`${lab.adminKey}x`) } }),
      await ask(lab, "GET", "users/?op=whoami", { headers: { Authorization: `Bearer ${lab.adminKey}` } }),
      await ask(lab, "PUT", "machines/zzzzzz/", {
        body: `{"power_parameters_power_pass": "${password}`,
        headers: { "Content-Type": "application/json" },
      }),
    ].map(({ status }) => status);
    const ended = once(child, "close");
    child.kill("SIGTERM");
    await ended;

    assert.deepEqual(statuses.slice(1), [501, 501, 401, 401, 400]);
    assert.ok(lines.length >= 2, "what is not simulated is told");
    const log = lines.join("\n");
    for (const hidden of [password, secret, ...lab.adminKey.split(":"), "oauth_", "Authorization"])
      assert.ok(!log.includes(hidden), `${hidden} in: ${log}`);
  });
});
