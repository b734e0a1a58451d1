/** Every operation the lab simulates, one array an entity. Adding an entity is one import and one line. */
import { accountOperations } from "./account.ts";
import { bootResourceOperations } from "./boot-resources.ts";
import { bootSourceOperations } from "./boot-sources.ts";
import { configOperations } from "./config.ts";
import { withControllers } from "./controller-nodes.ts";
import { controllerOperations } from "./controllers.ts";
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
import { nodeOperations } from "./nodes.ts";
import { notificationOperations } from "./notifications.ts";
import { abortOperations } from "./abort.ts";
import { allocateOperations } from "./allocate.ts";
import { annotationOperations } from "./annotations.ts";
import { bridgeOperations } from "./interface-bridge.ts";
import { brokenOperations } from "./broken.ts";
import { commissionOperations } from "./commission.ts";
import { deployOperations } from "./deploy.ts";
import { eventOperations } from "./event-log.ts";
import { interfaceEditOperations } from "./interface-edit.ts";
import { interfaceOperations } from "./interfaces.ts";
import { lockOperations } from "./lock.ts";
import { machineOperations } from "./machines.ts";
import { powerOperations } from "./power-operations.ts";
import { releaseOperations } from "./release.ts";
import { rescueOperations } from "./rescue.ts";
import { restoreOperations } from "./restore.ts";
import { resultOperations } from "./results.ts";
import { testingOperations } from "./testing.ts";
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
  ...testingOperations,
  ...resultOperations,
  ...restoreOperations,
  ...rescueOperations,
  ...releaseOperations,
  ...powerOperations,
  ...machineOperations,
  ...lockOperations,
  ...interfaceOperations,
  ...interfaceEditOperations,
  ...eventOperations,
  ...deployOperations,
  ...commissionOperations,
  ...brokenOperations,
  ...bridgeOperations,
  ...annotationOperations,
  ...allocateOperations,
  ...abortOperations,
  ...accountOperations,
  ...bootResourceOperations,
  ...bootSourceOperations,
  ...configOperations,
  ...controllerOperations,
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
  ...nodeOperations,
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
