/**
 * Who may import what, as lint rules. An arrow means "may import":
 *
 *   index -> stacks -> providers/index
 *   providers/runtime -> resources -> MAAS client -> core
 *   lab -> types of providers/maas/api, and nothing else of the providers
 *   tools, bench, test -> anything
 *
 * So the client can be used without Pulumi, and the lab shares no logic with it: their mistakes can't cancel out.
 */

interface Ban {
  /** Matches the text of an import, e.g. "../providers/index.ts". */
  regex: string;
  message: string;
  /** Whether `import type` is allowed all the same. */
  allowTypeImports?: boolean;
}

interface LayerConfig {
  name: string;
  files: string[];
  ignores?: string[];
  rules: Record<string, unknown[]>;
}

/** The files of providers/maas that make up the client; the others there are resources, and what these share. */
const clientFiles = [
  "client",
  "connection-advice",
  "error-table",
  "limiter",
  "maas-error",
  "maas-url",
  "node-status",
  "oauth-signer",
  "operation",
  "params",
  "poll-cadence",
  "redact",
  "retry",
  "sender",
  "transport",
  "version-gate",
  "watcher",
];

const folder = (names: string) => `(^|/)(${names})(/|$)`;

const noProcesses: Ban = {
  regex: "^(node:)?child_process$",
  message: "Only tools, tests, benchmarks and the lab's machines (lab/metal) start processes.",
};
const noAxios: Ban = { regex: "^axios", message: "Only providers/maas/transport.ts speaks HTTP." };
const noPulumi: Ban = { regex: "^@pulumi/", message: "The client knows nothing of Pulumi." };
const noUpwards: Ban = {
  regex: folder("stacks|lab|tools|bench|test"),
  message: "Providers import nothing above them.",
};
const noResources: Ban = {
  regex: `^\\.\\.?/(?!(${clientFiles.join("|")})\\.ts$|api/|core/|\\.\\./core/)`,
  message: "The client imports its own files, api and core; resources import it.",
};

const labBans: Ban[] = [
  { ...noAxios, message: "The lab answers requests, it sends none." },
  { regex: "^@pulumi/", message: "The lab is a MAAS; it knows nothing of Pulumi." },
  { regex: folder("stacks|tools|bench|test"), message: "The lab imports nothing of the program." },
  { regex: "(^|/)providers/(?!maas/api/)", message: "The lab shares no logic with the client." },
  { regex: "(^|/)providers/maas/api/", message: "The lab imports types of the wire only.", allowTypeImports: true },
];

/** One file's rules replace another's, so the files of the lists must not overlap. */
export const layers: LayerConfig[] = [
  layer(
    "index",
    ["index.ts"],
    [noProcesses, noAxios, { regex: "^\\./(?!stacks/)", message: "index.ts imports stacks, which compose the rest." }],
  ),
  layer(
    "stacks",
    ["stacks/**/*.ts"],
    [
      noProcesses,
      noAxios,
      { regex: folder("lab|tools|bench|test"), message: "Stacks import providers/index.ts." },
      { regex: "(^|/)providers/(?!index\\.ts$)", message: "Stacks import providers by providers/index.ts." },
    ],
  ),
  layer("runtime", ["providers/*.ts"], [noProcesses, noAxios, noUpwards]),
  layer(
    "core",
    ["providers/core/**/*.ts"],
    [
      noProcesses,
      noAxios,
      noUpwards,
      { regex: folder("maas|juju"), message: "The core knows neither MAAS nor Juju." },
      { regex: "^\\.\\./(runtime|index)\\.ts$", message: "The core is imported, it does not import." },
    ],
  ),
  layer(
    "client",
    [...clientFiles.map((name) => `providers/maas/${name}.ts`)].filter((file) => !file.includes("transport")),
    [noProcesses, noAxios, noUpwards, noPulumi, noResources],
  ),
  layer("transport", ["providers/maas/transport.ts"], [noProcesses, noUpwards, noPulumi, noResources]),
  layer(
    "api",
    ["providers/maas/api/**/*.ts"],
    [
      noProcesses,
      noAxios,
      noUpwards,
      noPulumi,
      {
        regex: `^\\.\\./(?!(${clientFiles.join("|")})\\.ts$|\\.\\./core/)`,
        message: "Wire types and operations import the client's files and core.",
      },
    ],
  ),
  layer(
    "resources",
    ["providers/maas/*.ts"],
    [
      noProcesses,
      noAxios,
      noUpwards,
      { regex: folder("juju"), message: "MAAS and Juju meet in a stack." },
      {
        regex: "^\\.\\./(runtime|index)\\.ts$",
        message: "Resources are imported by runtime and index, not the reverse.",
      },
    ],
    clientFiles.map((name) => `providers/maas/${name}.ts`),
  ),
  layer("lab", ["lab/**/*.ts"], [noProcesses, ...labBans], ["lab/metal/**/*.ts"]),
  layer("metal", ["lab/metal/**/*.ts"], labBans),
];

function layer(name: string, files: string[], bans: Ban[], ignores: string[] = []): LayerConfig {
  return {
    name: `metalform/layer/${name}`,
    files,
    ...(ignores.length > 0 ? { ignores } : {}),
    rules: {
      "@typescript-eslint/no-restricted-imports": ["error", { patterns: bans }],
      // The same for `await import(...)`, which that rule does not look at.
      "no-restricted-syntax": [
        "error",
        ...bans.map(({ regex, message }) => ({
          selector: `ImportExpression[source.value=/${regex.replaceAll("/", "\\u002F")}/]`,
          message,
        })),
      ],
    },
  };
}
