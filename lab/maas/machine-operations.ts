/** Everything that can be asked of machines, one array a concern. */
import { abortOperations } from "./abort.ts";
import { allocateOperations } from "./allocate.ts";
import { annotationOperations } from "./annotations.ts";
import { bcacheOperations } from "./bcaches.ts";
import { blockDeviceOperations } from "./block-devices.ts";
import { brokenOperations } from "./broken.ts";
import { commissionOperations } from "./commission.ts";
import { curtinOperations } from "./curtin.ts";
import { deployOperations } from "./deploy.ts";
import { eventOperations } from "./event-log.ts";
import { bondOperations } from "./interface-bond.ts";
import { bridgeOperations } from "./interface-bridge.ts";
import { interfaceEditOperations } from "./interface-edit.ts";
import { interfaceOperations } from "./interfaces.ts";
import { lockOperations } from "./lock.ts";
import { machineOperations } from "./machines.ts";
import type { Operation } from "./operation.ts";
import { partitionOperations } from "./partitions.ts";
import { powerOperations } from "./power-operations.ts";
import { raidOperations } from "./raids.ts";
import { releaseOperations } from "./release.ts";
import { rescueOperations } from "./rescue.ts";
import { restoreOperations } from "./restore.ts";
import { resultOperations } from "./results.ts";
import { specialFilesystemOperations } from "./special-filesystems.ts";
import { testingOperations } from "./testing.ts";
import { vmfsOperations } from "./vmfs-datastores.ts";
import { volumeGroupOperations } from "./volume-groups.ts";

export const allMachineOperations: readonly Operation[] = [
  ...abortOperations,
  ...allocateOperations,
  ...annotationOperations,
  ...bcacheOperations,
  ...blockDeviceOperations,
  ...bondOperations,
  ...bridgeOperations,
  ...brokenOperations,
  ...commissionOperations,
  ...curtinOperations,
  ...deployOperations,
  ...eventOperations,
  ...interfaceEditOperations,
  ...interfaceOperations,
  ...lockOperations,
  ...machineOperations,
  ...partitionOperations,
  ...powerOperations,
  ...raidOperations,
  ...releaseOperations,
  ...rescueOperations,
  ...restoreOperations,
  ...resultOperations,
  ...specialFilesystemOperations,
  ...testingOperations,
  ...vmfsOperations,
  ...volumeGroupOperations,
];
