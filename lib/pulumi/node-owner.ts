import * as pulumi from '@pulumi/pulumi';
import { HOLD_NAMESPACE, holdName } from '../kins/names';
import { ClusterObjects } from './cluster-objects';
import { fieldOf, isKnownText, known, kubeconfigOf } from './known';
import { ownStack, STACK_ANNOTATION } from './stack-owner';
import { ToldError } from './told-error';

/**
 * Checks a node that exists before its device is in the state, because the device was provisioned by hand, or an update was
 * interrupted. The node is taken over, with a message. If it belongs to another stack, it is refused, in previews too.
 */
export function takeoverHook(component: string, kubeconfig: pulumi.Output<string>): pulumi.ResourceHook {
  return new pulumi.ResourceHook(
    `${component}: a node that is there already`,
    async ({ newInputs }) => {
      const { name } = await fieldOf(newInputs, 'metadata');
      const text = await known(kubeconfig);
      if (text === undefined || !isKnownText(name)) return;
      const objects = new ClusterObjects(text);
      await refuseForeign(objects, 'device', name);
      const node = await objects.get({ apiVersion: 'v1', kind: 'Node', name });
      if ((node?.status?.nodeInfo?.machineID ?? '') === '') return;
      await pulumi.log.info(
        `Node ${name} has already joined: this stack takes it over, and destroying ${component} takes it off its device.`,
      );
    },
    { onDryRun: true },
  );
}

/** Refuses a machine that belongs to another stack, in previews too, and even if the provider takes over existing objects. */
export function machineHook(component: string, provider: pulumi.ProviderResource): pulumi.ResourceHook {
  return new pulumi.ResourceHook(
    `${component}: a machine that is there already`,
    async ({ newInputs }) => {
      const { name } = await fieldOf(newInputs, 'metadata');
      const kubeconfig = await kubeconfigOf(provider);
      if (kubeconfig === undefined || !isKnownText(name)) return;
      await refuseForeign(new ClusterObjects(kubeconfig), 'machine', name);
    },
    { onDryRun: true },
  );
}

/** @throws Error when the ConfigMap for the node names another stack */
async function refuseForeign(objects: ClusterObjects, part: 'device' | 'machine', node: string): Promise<void> {
  const hold = { apiVersion: 'v1', kind: 'ConfigMap', name: holdName(part, node), namespace: HOLD_NAMESPACE };
  const owner = (await objects.get(hold))?.metadata?.annotations?.[STACK_ANNOTATION] ?? '';
  if (owner === '' || owner === ownStack()) return;
  throw new ToldError(
    `Node ${node} has its ${part} in stack ${owner}; this is ${ownStack()}. Keep it in one of the two: move the EdgeMachine ` +
      'and the EdgeDevice here with their state, with pulumi state move, or remove them here. If that stack no longer exists: kubectl ' +
      `--namespace ${HOLD_NAMESPACE} annotate configmap ${hold.name} --overwrite ${STACK_ANNOTATION}=${ownStack()}`,
  );
}
