import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { EdgeDeviceArgs } from '../../../../lib/pulumi';
import type { Cluster } from '../../../api/support/cluster';
import { ControlPlane } from '../../../api/support/control-plane';
import { installCrds, sharedCrds } from '../../../api/support/crds';
import type { KubeObject } from '../../../api/support/objects';
import { ED25519 } from '../../../kkp/ssh-keys';
import { Backend, describeWithEngine, type Stack } from '../../pulumi/engine';
import { Link } from './link';
import { OperatorDouble } from './operator-double';
import { describeWithSsh } from './prerequisites';
import { Site } from './site';
import type { SshDevice } from './ssh-device';

const PROGRAM = join(__dirname, '../programs/device');
export const UP = ['up', '--yes', '--skip-preview'] as const;

/** Further arguments of the program's EdgeDevice, as its configuration. */
export const more = (args: Partial<EdgeDeviceArgs>): Record<string, string> => ({ more: JSON.stringify(args) });

/** What runs during the tests. */
interface Running {
  readonly plane: ControlPlane;
  readonly site: Site;
  readonly operator: OperatorDouble;
  readonly backend: Backend;
}

/** A user cluster with a stand-in for KKP, a site of devices, and stacks that make nodes of them. */
export class DeviceStacks {
  readonly #links: Link[] = [];
  #running: Running | undefined;

  async start(): Promise<void> {
    const plane = await ControlPlane.start();
    await installCrds(plane.cluster);
    const site = await Site.start();
    const operator = new OperatorDouble(plane.cluster, site);
    await operator.start();
    this.#running = { plane, site, operator, backend: new Backend() };
  }

  async stop(): Promise<void> {
    const { plane, site, operator, backend } = this.#parts;
    backend.dispose();
    for (const link of this.#links) await link.close();
    await operator.stop();
    await site.stop();
    await plane.stop();
  }

  /** No secret may stand in clear in the backend. */
  expectNoSecrets(): void {
    const { site, cluster } = this;
    // The key without its first and last line, which all keys of its kind share.
    const [, ...key] = site.privateKey.trim().split('\n');
    const secrets = { token: site.token, key: key.slice(1, -1).join('\n'), kubeconfig: cluster.access.token };
    for (const [what, secret] of Object.entries(secrets)) {
      expect({ what, places: this.#parts.backend.occurrences(secret) }).toEqual({ what, places: [] });
    }
  }

  get cluster(): Cluster {
    return this.#parts.plane.cluster;
  }

  get site(): Site {
    return this.#parts.site;
  }

  get operator(): OperatorDouble {
    return this.#parts.operator;
  }

  async linkTo(device: SshDevice): Promise<Link> {
    const link = await Link.open(this.site, device);
    this.#links.push(link);
    return link;
  }

  newStack(device: SshDevice, link: Link, name = device.name): Promise<Stack> {
    return this.#parts.backend.stack(PROGRAM, name, {
      machineName: device.name,
      kubeconfig: readFileSync(this.cluster.access.kubeconfig, 'utf8'),
      sshPublicKey: ED25519,
      port: String(link.port),
      privateKey: this.site.privateKey,
      hostKey: device.hostKey,
    });
  }

  nodeOf(device: SshDevice): Promise<KubeObject | undefined> {
    return this.cluster.get({ apiVersion: 'v1', kind: 'Node', metadata: { name: device.name } });
  }

  async secretNames(namespace: string, labelSelector = ''): Promise<string[]> {
    const { body } = await this.cluster.request('GET', `/api/v1/namespaces/${namespace}/secrets`, {
      query: { labelSelector },
    });
    return (body as { items: KubeObject[] }).items.map(({ metadata }) => metadata.name);
  }

  tokensOf(device: SshDevice): Promise<string[]> {
    return this.secretNames('kube-system', `machinedeployment.k8s.io/name=kube-system-${device.name}`);
  }

  /** Without those that Kubernetes sets itself, whenever it likes. */
  async taintsOf(device: SshDevice): Promise<object[]> {
    const { taints = [] } = (await this.nodeOf(device))?.spec as { taints?: { key: string }[] };
    return taints.filter(({ key }) => !key.startsWith('node.kubernetes.io/'));
  }

  get #parts(): Running {
    if (this.#running === undefined) throw new Error('the stacks of devices are used before they have started');
    return this.#running;
  }
}

const describeHere = sharedCrds() === undefined ? describe.skip : describe;

/** Tests of devices by Pulumi, where all that they need is there. */
export function describeDevices(name: string, tests: (stacks: DeviceStacks) => void): void {
  describeHere(`${name} (need the CRDs of KKP)`, () => {
    describeWithSsh('with SSH', () => {
      describeWithEngine('by pulumi', () => {
        const stacks = new DeviceStacks();
        beforeAll(() => stacks.start());
        afterAll(() => stacks.stop());
        afterEach(() => {
          stacks.expectNoSecrets();
        });
        tests(stacks);
      });
    });
  });
}
