/** version/, describe/, openapi.yaml: what an anonymous client may ask (facts: maas.md 1.1). */
import type { Operation } from "./operation.ts";
import { json } from "./reply.ts";

const capabilities = [
  "networks-management",
  "static-ipaddresses",
  "ipv6-deployment-ubuntu",
  "devices-management",
  "storage-deployment-ubuntu",
  "network-deployment-ubuntu",
  "bridging-interface-ubuntu",
  "bridging-automatic-ubuntu",
  "authenticate-api",
];

export const maasVersion = "3.5.13";

/** Stands for MAAS's hash of its own description; only its presence means something. */
export const apiHash = "6f4e4b1c5b7d0f0b2f2d8a9d3f1f6c0e5a7b9c1d";

export const versionOperations: Operation[] = [
  {
    method: "GET",
    path: "version/",
    access: "anonymous",
    handle: () => json({ capabilities, version: maasVersion, subversion: "" }),
  },
  {
    method: "GET",
    path: "describe/",
    access: "anonymous",
    handle: () => ({
      status: 200,
      contentType: "application/json",
      body: { doc: "MAAS API, as simulated by a lab", handlers: [], resources: [], hash: apiHash },
    }),
  },
  {
    method: "GET",
    path: "openapi.yaml",
    access: "anonymous",
    handle: () => ({
      status: 200,
      contentType: "application/openapi+yaml",
      body: 'openapi: 3.0.0\ninfo:\n  title: "MAAS API, as simulated by a lab"\n  version: 2.0.0\npaths: {}\n',
    }),
  },
];
