/** Packages for machines: by a mirror and an index that stand for those of the world. */
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, request, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, it } from "node:test";
import { packageServer } from "../../lab/metal/packages.ts";

const folder = mkdtempSync(join(tmpdir(), "metalform-packages-"));
const asked: string[] = [];
let world: Server;
let packages: Server;

const listen = async (server: Server): Promise<Server> => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return server;
};
const origin = (server: Server): string => `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;

before(async () => {
  world = await listen(
    createServer((incoming, response) => {
      const url = incoming.url ?? "";
      asked.push(url);
      if (url === "/simple/django/")
        response.end('<a href="../../files/Django-4.2-py3-none-any.whl#sha256=abc" data-x="1">Django</a>');
      else if (url.endsWith("/missing.deb")) response.writeHead(404).end();
      else response.writeHead(200, { "last-modified": "Fri, 27 Nov 2026 10:00:00 GMT" }).end(`content of ${url}`);
    }),
  );
  mkdirSync(join(folder, "image/etc/apt"), { recursive: true });
  writeFileSync(join(folder, "image/etc/apt/sources.list"), `deb ${origin(world)}/debian bookworm main\n`);
  process.env["PIP_INDEX_URL"] = `${origin(world)}/simple`;
  const warnings: string[] = [];
  packages = await listen(
    packageServer({ image: join(folder, "image"), cache: join(folder, "cache"), warn: (line) => warnings.push(line) }),
  );
});
after(() => {
  world.close();
  packages.close();
  rmSync(folder, { recursive: true });
});

/** @param path as a proxy is asked when it is a whole URL */
function get(path: string): Promise<{ status: number; text: string; lastModified: string | undefined }> {
  const { hostname, port } = new URL(origin(packages));
  return new Promise((resolve, reject) => {
    request({ host: hostname, port, path, agent: false }, (response) => {
      let text = "";
      response.on("data", (chunk: Buffer) => (text += chunk.toString("utf8")));
      response.on("end", () => {
        resolve({ status: response.statusCode ?? 0, text, lastModified: response.headers["last-modified"] });
      });
    })
      .on("error", reject)
      .end();
  });
}

it("fetches a package from the image's mirror once", async () => {
  const url = `${origin(world)}/debian/pool/main/t/tree_2.1_amd64.deb`;
  asked.length = 0;
  for (let time = 0; time < 2; time += 1)
    assert.equal((await get(url)).text, "content of /debian/pool/main/t/tree_2.1_amd64.deb");
  assert.deepEqual(asked, ["/debian/pool/main/t/tree_2.1_amd64.deb"]);
});

it("asks each time for what changes under its name", async () => {
  asked.length = 0;
  const answer = await get(`${origin(world)}/debian/dists/bookworm/InRelease`);
  assert.equal(answer.lastModified, "Fri, 27 Nov 2026 10:00:00 GMT");
  await get(`${origin(world)}/debian/dists/bookworm/InRelease`);
  assert.equal(asked.length, 2);
});

it("asks nobody for what is on no mirror of the image", async () => {
  asked.length = 0;
  for (const url of [`${origin(world)}/secrets`, "http://192.0.2.1/debian/x.deb"])
    assert.equal((await get(url)).status, 403);
  assert.deepEqual(asked, []);
});

it("keeps nothing of a package that is missing", async () => {
  const url = `${origin(world)}/debian/missing.deb`;
  assert.equal((await get(url)).status, 502);
  asked.length = 0;
  assert.equal((await get(url)).status, 502);
  assert.deepEqual(asked, ["/debian/missing.deb"]);
});

it("is an index of Python packages, whose files it fetches once", async () => {
  const page = (await get("/simple/django/")).text;
  const link = /href="(\/files\/[^"#]+)#sha256=abc"/.exec(page)?.[1];
  assert.ok(link, page);
  asked.length = 0;
  for (let time = 0; time < 2; time += 1) assert.match((await get(link)).text, /^content of \/files\/Django-4\.2/);
  assert.equal(asked.length, 1);
  assert.equal((await get("/files/000000000000/other.whl")).status, 404);
});
