/** The small language host as the CLI uses it: started in a program's folder, spoken to over gRPC. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { credentials, type Client, type ServiceError } from "@grpc/grpc-js";
import { LanguageRuntimeClient } from "@pulumi/pulumi/proto/language_grpc_pb.js";
import language from "@pulumi/pulumi/proto/language_pb.js";
import { projectRoot } from "../../tools/project.ts";

const need = createRequire(createRequire(import.meta.url).resolve("@pulumi/pulumi/package.json"));
const { Struct } = need("google-protobuf/google/protobuf/struct_pb.js") as {
  Struct: { fromJavaScript(value: object): never };
};
const { Empty } = need("google-protobuf/google/protobuf/empty_pb.js") as { Empty: new () => never };

async function startHost() {
  const host = spawn(join(projectRoot, "tools", "pulumi", "pulumi-language-nodejs"), ["127.0.0.1:1"], {
    cwd: projectRoot,
    stdio: ["pipe", "pipe", "inherit"],
  });
  const [line] = (await once(host.stdout, "data")) as [Buffer];
  const client = new LanguageRuntimeClient(`127.0.0.1:${line.toString().trim()}`, credentials.createInsecure());
  return {
    client,
    /** Closes its standard input, as the end of the CLI does; waits until it is gone. */
    end: async () => {
      (client as Client).close();
      host.stdin.end();
      if (host.exitCode === null) await once(host, "exit");
    },
  };
}

const call = <Response>(start: (done: (error: ServiceError | null, response: Response) => void) => unknown) =>
  new Promise<Response>((resolve, reject) => {
    start((error, response) => {
      if (error) reject(error);
      else resolve(response);
    });
  });

/** Runs a program of which `first` is the first that Node loads; the engine is not asked before that. */
async function runProgram(first: string): Promise<{ bail: boolean; error: string }> {
  const folder = mkdtempSync(join(tmpdir(), "metalform-host-"));
  const host = await startHost();
  try {
    writeFileSync(join(folder, "first.cjs"), first);
    const info = new language.ProgramInfo();
    info.setRootDirectory(projectRoot);
    info.setProgramDirectory(projectRoot);
    info.setEntryPoint(".");
    info.setOptions(Struct.fromJavaScript({ typescript: false, nodeargs: `--require ${folder}/first.cjs` }));
    const request = new language.RunRequest();
    request.setInfo(info);
    request.setProject("metalform");
    request.setStack("dev");
    request.setMonitorAddress("127.0.0.1:1");
    request.getConfigMap().set("metalform:series", "jammy");
    const response = await call<language.RunResponse>((done) => host.client.run(request, done));
    return { bail: response.getBail(), error: response.getError() };
  } finally {
    await host.end();
    rmSync(folder, { recursive: true });
  }
}

test("it starts, says its port, answers, and ends with the CLI", async () => {
  const host = await startHost();
  const packages = await call<language.GetRequiredPackagesResponse>((done) =>
    host.client.getRequiredPackages(new language.GetRequiredPackagesRequest(), done),
  );
  assert.deepEqual(packages.getPackagesList(), []);
  await call((done) => host.client.cancel(new Empty(), done));
  await host.end();
});

test("a program that has told the user what is wrong needs no more words", async () => {
  assert.deepEqual(await runProgram("process.exit(32)"), { bail: true, error: "" });
});

test("any other failure is named", async () => {
  assert.deepEqual(await runProgram("process.exit(3)"), { bail: false, error: "program ended with exit code 3" });
});

test("the program gets its arguments and its config", async () => {
  const seen = await runProgram(`
    const flag = (name) => process.argv[process.argv.indexOf(name) + 1];
    const right = flag("--project") === "metalform" && flag("--stack") === "dev" && flag("--engine") === "127.0.0.1:1"
      && process.env.PULUMI_CONFIG === '{"metalform:config:series":"jammy"}' && !process.env.PULUMI_NODEJS_TYPESCRIPT;
    process.exit(right ? 32 : 4)`);
  assert.deepEqual(seen, { bail: true, error: "" });
});
