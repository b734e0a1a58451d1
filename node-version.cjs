// Loaded before the program (Pulumi.yaml), in the syntax of any Node, so that an old one gives one clear line.
// Exit code 32 tells the CLI that the user has been told.
var v = process.versions.node.split(".").map(Number);
if (v[0] < 22 || (v[0] === 22 && v[1] < 18)) {
  console.error("Metalform needs Node.js 22.18 or newer; this is " + process.version + ". `make setup` brings one.");
  process.exit(32);
}

// What Node compiles of the program is kept for the next run.
var os = require("node:os");
var path = require("node:path");
var cache = process.env.XDG_CACHE_HOME || path.join(os.homedir(), ".cache");
require("node:module").enableCompileCache(path.join(cache, "metalform", "compiled"));
