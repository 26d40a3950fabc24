/**
 * Asks a cluster with the clients of this library, in a process of its own: the library of Kubernetes is an ECMAScript
 * module, which Jest does not load. Each message is a kubeconfig with what to ask, and is answered by a message.
 */
import type * as pulumi from '@pulumi/pulumi';
import { provisioningScriptOf } from '../../../lib/kkp/provisioning-script';
import { ClusterObjects, type LiveObject, type ObjectKey } from '../../../lib/pulumi/cluster-objects';
import { ClusterReader } from '../../../lib/pulumi/cluster-reader';
import { MachineObjects } from '../../../lib/pulumi/machine-objects';
import { ProvisioningSecretsWait } from '../../../lib/pulumi/provisioning-secrets';
import { UnitWait } from '../../../lib/pulumi/unit-wait';
import type { Answer } from './fake-cluster';

const NODE: ObjectKey = { apiVersion: 'v1', kind: 'Node', name: 'edge1' };
const READ: LiveObject = { metadata: { name: 'edge1', uid: 'uid-1', resourceVersion: '1' } };

const log = undefined as unknown as pulumi.Resource;

const KUBECONFIG = {
  namespace: 'kins-system',
  configMapName: '',
  secretName: 'shop-sec-kins',
  key: 'd',
  tunnelKey: 't',
  tunnelProxyUrl: '',
};
const FACTS = { unitName: 'shop', nodes: ['edge1'], servers: ['edge1'], kubeconfig: KUBECONFIG };

function unit(reader: ClusterReader, timeoutSeconds: number): Promise<unknown> {
  return new UnitWait(log, FACTS, reader, { timeoutSeconds, isSecret: false }).kubeconfigs();
}

const waysOf = (reader: ClusterReader, objects: ClusterObjects): Readonly<Record<string, () => Promise<unknown>>> => ({
  secret: () => reader.secret('default', 'any'),
  daemonSet: () => reader.daemonSet('default', 'any'),
  nodes: async () => [...(await reader.nodes(['edge1']))],
  pods: () => reader.pods('default', 'a=b'),
  get: () => objects.get(NODE),
  list: () => objects.list({ apiVersion: 'v1', kind: 'Secret', namespace: 'default' }, 'a=b'),
  delete: () => objects.delete(NODE, READ),
  change: () => objects.change(NODE, () => ({ metadata: { labels: { a: 'b' } } })),
  'change nothing': () => objects.change(NODE, () => undefined),
  'wait an hour for a unit': () => unit(reader, 3600),
  'wait for a unit': () => unit(reader, 5),
  'wait for Secrets': () => {
    const script = provisioningScriptOf('edge1');
    const options = { timeoutSeconds: 5, removeLeftoverScript: false, joinsAgain: false };
    return new ProvisioningSecretsWait(
      reader,
      new MachineObjects(objects, 'edge1', script),
      log,
      'edge1',
      script,
      options,
    ).read();
  },
});

async function answer(kubeconfig: string, questions: readonly string[]): Promise<Answer[]> {
  const reader = new ClusterReader(kubeconfig, 'kubeconfig');
  const ways = waysOf(reader, new ClusterObjects(kubeconfig));
  // Loading it is no part of an answer.
  await reader.usable();
  const answers: Answer[] = [];
  for (const question of questions) {
    const begin = Date.now();
    const told = await ways[question]!().then(
      (told) => ({ told }),
      (error: unknown) => ({ code: (error as { code?: unknown }).code, message: (error as Error).message }),
    );
    answers.push({ question, seconds: (Date.now() - begin) / 1000, ...told });
  }
  return answers;
}

process.on('message', ([kubeconfig, ...questions]: [string, ...string[]]) => {
  void answer(kubeconfig, questions).then((answers) => process.send!(answers));
});
