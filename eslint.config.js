import js from "@eslint/js";
import tseslint from "typescript-eslint";
import { layers } from "./tools/lint/layers.ts";

/** Calls of node:test return promises that its runner awaits. */
const testCalls = ["test", "it", "describe", "suite", "before", "after", "beforeEach", "afterEach"];

export default tseslint.config(
  { ignores: ["node_modules*/", ".metalform/", "test/fixtures/"] },
  js.configs.recommended,
  tseslint.configs.strictTypeChecked,
  tseslint.configs.stylisticTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    linterOptions: { reportUnusedDisableDirectives: "error" },
    rules: {
      "@typescript-eslint/consistent-type-imports": "error",
      // process.env["NAME"]: the brackets show that nothing says the name is there.
      "@typescript-eslint/dot-notation": ["error", { allowIndexSignaturePropertyAccess: true }],
      "@typescript-eslint/no-floating-promises": [
        "error",
        { allowForKnownSafeCalls: [{ from: "package", package: "node:test", name: testCalls }] },
      ],
      "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_", varsIgnorePattern: "^_" }],
      // An empty text of config or environment is as good as none.
      "@typescript-eslint/prefer-nullish-coalescing": ["error", { ignorePrimitives: { string: true } }],
      // Functions live in plain objects here and do not use `this`.
      "@typescript-eslint/unbound-method": "off",
      "@typescript-eslint/switch-exhaustiveness-check": ["error", { considerDefaultExhaustiveForUnions: true }],
      "no-console": "error",
    },
  },
  { files: ["tools/**", "bench/**", "lab/conformance/**", "test/crash/**"], rules: { "no-console": "off" } },
  layers,
  {
    files: ["**/*.js", "**/*.cjs"],
    extends: [tseslint.configs.disableTypeChecked],
    rules: { "no-console": "off", "no-var": "off", "@typescript-eslint/no-require-imports": "off" },
    languageOptions: { globals: { console: "readonly", process: "readonly", require: "readonly" } },
  },
  {
    files: ["lab/page/browser/*.js"],
    languageOptions: {
      globals: Object.fromEntries(
        ["addEventListener", "document", "EventSource", "fetch", "location"].map((name) => [name, "readonly"]),
      ),
    },
  },
);
