import type { IConstruct } from 'constructs';
import type { SupervisorOptions } from '../device/device-options';
import { decommissioningScript } from '../device/supervisor';
import { EdgeMachine } from '../kkp/edge-machine';
import type { OwnedFile } from '../render/rendered-part';

/** Folder of the programs for devices, below the output folder. */
export const DEVICE_FOLDER = 'devices';

/** The programs for the devices of the machines among the given constructs. They contain no secrets. */
export function deviceScripts(
  constructs: readonly IConstruct[],
  cluster: string,
  options: SupervisorOptions,
): readonly OwnedFile[] {
  const { lockTimeout, drainTimeout } = options;
  return constructs
    .filter((each): each is EdgeMachine => each instanceof EdgeMachine)
    .flatMap((machine) => {
      const { name, node } = machine;
      const place = `${DEVICE_FOLDER}/${cluster}/${name}`;
      const provision = machine.provisioningSupervisor(options);
      const decommission = decommissioningScript({ name, lockTimeout, drainTimeout });
      return [
        { path: `${place}.provision.sh`, content: provision, owner: node.path },
        { path: `${place}.decommission.sh`, content: decommission, owner: node.path },
      ];
    });
}
