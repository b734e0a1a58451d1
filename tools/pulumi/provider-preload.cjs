// Loaded before Pulumi's dynamic-provider process.

// The CLI holds the other end of its standard input: when that closes the CLI is gone. providers/runtime.ts sees to that
// too, but a CLI that is killed very early never gets as far as loading it.
process.stdin.on("end", () => process.exit(1)).resume();

// The SDK loads a TypeScript compiler and a part of npm there for
// serialising closures, 0.4 s a run, which Metalform's providers never do (providers/core/provider-text.ts). Here both are
// loaded when something first asks them for anything; nothing else changes.
const Module = require("node:module");

const late = new Set(["typescript", "@npmcli/arborist"]);
const load = Module._load;

Module._load = function (request, parent, isMain) {
  if (!late.has(request) || !/@pulumi[\\/]pulumi/.test(parent?.filename ?? "")) return load(request, parent, isMain);
  let loaded;
  const real = () => (loaded ??= load(request, parent, isMain));
  // A function, so that it can stand for one that is called.
  return new Proxy(() => undefined, {
    get: (_target, key) => real()[key],
    has: (_target, key) => key in real(),
    apply: (_target, self, args) => Reflect.apply(real(), self, args),
    construct: (_target, args) => Reflect.construct(real(), args),
  });
};
