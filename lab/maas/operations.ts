/** Every operation the lab simulates, one array an entity. Adding an entity is one import and one line. */
import { accountOperations } from "./account.ts";
import { bootResourceOperations } from "./boot-resources.ts";
import { bootSourceOperations } from "./boot-sources.ts";
import { configOperations } from "./config.ts";
import { withControllers } from "./controller-nodes.ts";
import { controllerOperations } from "./controllers.ts";
import { deviceOperations } from "./devices.ts";
import { dhcpSnippetOperations } from "./dhcp-snippets.ts";
import { discoveryOperations } from "./discoveries.ts";
import { dnsRecordOperations } from "./dns-records.ts";
import { dnsResourceOperations } from "./dns-resources.ts";
import { domainOperations } from "./domains.ts";
import { emptyCollectionOperations } from "./empty-collections.ts";
import { fabricOperations } from "./fabrics.ts";
import { fileOperations } from "./files.ts";
import { ipAddressOperations } from "./ip-addresses.ts";
import { ipRangeOperations } from "./ip-ranges.ts";
import { licenseKeyOperations } from "./license-keys.ts";
import { nodeCollectionOperations } from "./node-collections.ts";
import { allMachineOperations } from "./machine-operations.ts";
import { nodeOperations } from "./nodes.ts";
import { nodeResultOperations } from "./node-results.ts";
import { notificationOperations } from "./notifications.ts";
import type { Operation } from "./operation.ts";
import { packageRepositoryOperations } from "./package-repositories.ts";
import { poolOperations } from "./pools.ts";
import { scriptOperations } from "./scripts.ts";
import { spaceOperations } from "./spaces.ts";
import { sshKeyOperations } from "./ssh-keys.ts";
import { sslKeyOperations } from "./ssl-keys.ts";
import { staticRouteOperations } from "./static-routes.ts";
import { subnetUsageOperations } from "./subnet-usage.ts";
import { subnetOperations } from "./subnets.ts";
import { tagOperations } from "./tags.ts";
import { userOperations } from "./users.ts";
import { versionOperations } from "./version.ts";
import { vlanOperations } from "./vlans.ts";
import { zoneOperations } from "./zones.ts";

export const operations: readonly Operation[] = withControllers([
  ...accountOperations,
  ...bootResourceOperations,
  ...bootSourceOperations,
  ...configOperations,
  ...controllerOperations,
  ...deviceOperations,
  ...dhcpSnippetOperations,
  ...discoveryOperations,
  ...dnsRecordOperations,
  ...dnsResourceOperations,
  ...domainOperations,
  ...emptyCollectionOperations,
  ...fabricOperations,
  ...fileOperations,
  ...ipAddressOperations,
  ...ipRangeOperations,
  ...licenseKeyOperations,
  ...nodeCollectionOperations,
  ...allMachineOperations,
  ...nodeOperations,
  ...nodeResultOperations,
  ...notificationOperations,
  ...packageRepositoryOperations,
  ...poolOperations,
  ...scriptOperations,
  ...spaceOperations,
  ...sshKeyOperations,
  ...sslKeyOperations,
  ...staticRouteOperations,
  ...subnetOperations,
  ...subnetUsageOperations,
  ...tagOperations,
  ...userOperations,
  ...versionOperations,
  ...vlanOperations,
  ...zoneOperations,
]);
