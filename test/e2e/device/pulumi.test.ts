import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { TaintEffect } from '../../../lib';
import type { EdgeDeviceArgs } from '../../../lib/pulumi';
import { apply } from '../../api/support/apply';
import type { Cluster } from '../../api/support/cluster';
import { ControlPlane } from '../../api/support/control-plane';
import { installCrds, sharedCrds } from '../../api/support/crds';
import type { KubeObject } from '../../api/support/objects';
import { eventually } from '../../api/support/poll';
import { ED25519 } from '../../kkp/ssh-keys';
import { Backend, describeWithEngine, type Stack } from '../pulumi/engine';
import { Link } from './support/link';
import { OperatorDouble } from './support/operator-double';
import { describeWithSsh } from './support/prerequisites';
import { Site } from './support/site';
import type { SshDevice } from './support/ssh-device';

jest.setTimeout(1_800_000);
const PROGRAM = join(__dirname, 'programs/device');
/** As in the program. */
const SUPERVISOR = {
  packageUrls: [],
  minFreeDisk: '20Mi',
  minMemory: '100Mi',
  readyTimeout: '30s',
  repeatTimeout: '10s',
};
const UP = ['up', '--yes', '--skip-preview'] as const;

const describeHere = sharedCrds() === undefined ? describe.skip : describe;

describeHere('devices (need the CRDs of KKP)', () => {
  describeWithSsh('with SSH', () => {
    describeWithEngine('by pulumi', () => {
      let plane: ControlPlane;
      let cluster: Cluster;
      let site: Site;
      let operator: OperatorDouble;
      let backend: Backend;
      const links: Link[] = [];

      beforeAll(async () => {
        plane = await ControlPlane.start();
        cluster = plane.cluster;
        await installCrds(cluster);
        site = await Site.start();
        operator = new OperatorDouble(cluster, site);
        await operator.start();
        backend = new Backend();
      });
      afterAll(async () => {
        backend.dispose();
        for (const link of links) await link.close();
        await operator.stop();
        await site.stop();
        await plane.stop();
      });
      afterEach(() => {
        // The key without its first and last line, which all keys of its kind share.
        const [, ...key] = site.privateKey.trim().split('\n');
        const secrets = { token: site.token, key: key.slice(1, -1).join('\n'), kubeconfig: cluster.access.token };
        for (const [what, secret] of Object.entries(secrets)) {
          expect({ what, places: backend.occurrences(secret) }).toEqual({ what, places: [] });
        }
      });

      const linkTo = async (device: SshDevice): Promise<Link> => {
        const link = await Link.open(site, device);
        links.push(link);
        return link;
      };
      const newStack = (device: SshDevice, link: Link, name = device.name): Promise<Stack> =>
        backend.stack(PROGRAM, name, {
          machineName: device.name,
          kubeconfig: readFileSync(cluster.access.kubeconfig, 'utf8'),
          sshPublicKey: ED25519,
          port: String(link.port),
          privateKey: site.privateKey,
          hostKey: device.hostKey,
        });
      const nodeOf = (device: SshDevice): Promise<KubeObject | undefined> =>
        cluster.get({ apiVersion: 'v1', kind: 'Node', metadata: { name: device.name } });

      const secretNames = async (namespace: string, labelSelector = ''): Promise<string[]> => {
        const { body } = await cluster.request('GET', `/api/v1/namespaces/${namespace}/secrets`, {
          query: { labelSelector },
        });
        return (body as { items: KubeObject[] }).items.map(({ metadata }) => metadata.name);
      };
      const tokensOf = (device: SshDevice): Promise<string[]> =>
        secretNames('kube-system', `machinedeployment.k8s.io/name=kube-system-${device.name}`);
      const more = (args: Partial<EdgeDeviceArgs>): Record<string, string> => ({ more: JSON.stringify(args) });
      /** Without those that Kubernetes sets itself, whenever it likes. */
      const taintsOf = async (device: SshDevice): Promise<object[]> => {
        const { taints = [] } = (await nodeOf(device))?.spec as { taints?: { key: string }[] };
        return taints.filter(({ key }) => !key.startsWith('node.kubernetes.io/'));
      };

      test('up, up, another address and key, the wrong host key, destroy', async () => {
        const device = await site.device('edge1');
        const rotated = await newKey(site, device);
        const before = await device.state();
        const link = await linkTo(device);
        const stack = await newStack(device, link);
        await stack.configure(
          more({
            nodeLabels: { site: 'la' },
            nodeAnnotations: { 'example.com/rack': '7' },
            nodeTaints: [{ key: 'example.com/kiosk', value: 'yes', effect: TaintEffect.NO_EXECUTE }],
          }),
        );
        await stack.run('preview');
        expect(link.connections).toBe(0);
        expect(await stack.run(...UP)).toContain('node edge1 is Ready');
        expect(link.connections).toBe(1);
        expect((await nodeOf(device))?.metadata).toMatchObject({
          labels: { site: 'la' },
          annotations: { 'example.com/rack': '7' },
        });
        expect(await taintsOf(device)).toEqual([{ key: 'example.com/kiosk', value: 'yes', effect: 'NoExecute' }]);
        const provisioned = await device.state();
        expect(provisioned).not.toBe(before);

        await stack.run('preview', '--expect-no-changes');
        await stack.run(...UP, '--expect-no-changes');
        await stack.run('refresh', '--yes', '--skip-preview', '--expect-no-changes');
        expect(link.connections).toBe(1);

        // What a node gets changes in place, and what others have given it stays.
        await cluster.request('PATCH', '/api/v1/nodes/edge1', {
          contentType: 'application/merge-patch+json',
          body: {
            spec: { taints: [...(await taintsOf(device)), { key: 'others', effect: 'NoSchedule' }] },
          },
        });
        await stack.configure(
          more({
            nodeLabels: { site: 'sf' },
            nodeTaints: [{ key: 'example.com/till', effect: TaintEffect.NO_SCHEDULE }],
          }),
        );
        const preview = await stack.run('preview', '--diff');
        expect(preview).toContain('example.com/till:NoSchedule');
        await stack.run(...UP);
        expect(link.connections).toBe(1);
        expect((await nodeOf(device))?.metadata).toMatchObject({ labels: { site: 'sf' } });
        expect(await taintsOf(device)).toEqual([
          { key: 'others', effect: 'NoSchedule' },
          { key: 'example.com/till', effect: 'NoSchedule' },
        ]);

        const other = await linkTo(device);
        await stack.configure({ port: String(other.port), privateKey: rotated });
        expect(await stack.run(...UP)).toContain('node edge1 is Ready: nothing to do');
        expect(other.connections).toBe(1);
        expect(await device.state()).toBe(provisioned);

        const stranger = await site.device('stranger');
        await stack.configure({ hostKey: stranger.hostKey });
        const wrong = await stack.attempt(...UP);
        expect(wrong.code).not.toBe(0);
        expect(wrong.text).toContain('host key mismatch');
        expect(await device.state()).toBe(provisioned);
        await stack.configure({ hostKey: device.hostKey });
        await stack.run(...UP);

        expect(await tokensOf(device)).toHaveLength(1);
        await stack.run('destroy', '--yes', '--skip-preview');
        expect(await device.state()).toBe(before);
        expect(await nodeOf(device)).toBeUndefined();
        expect((await secretNames('cloud-init-settings')).filter((name) => name.includes('edge1'))).toEqual([]);
        expect(await secretNames('cloud-init-settings')).toContain('cloud-init-getter-token');
        if (cluster.access.controllers) {
          await eventually('the tokens to join with are gone', async () => (await tokensOf(device)).length === 0);
        }
        const { stdout } = await cluster.kubectl(['get', 'cronjobs,clusterroles', '-A', '-o', 'name']);
        expect(stdout).not.toContain('serving-certificates');
      });

      test('a changed machine is made anew, and the device is provisioned again only when that is asked for', async () => {
        const device = await site.device('edge2');
        const link = await linkTo(device);
        const stack = await newStack(device, link);
        await stack.run(...UP);
        const joined = (): number => site.joined.filter((line) => line.startsWith('edge2 ')).length;
        expect(joined()).toBe(1);
        const { connections } = link;
        await stack.configure({ machine: JSON.stringify({ addresses: ['192.0.2.7'], labels: { site: 'la' } }) });
        await stack.run(...UP);
        const machine = { apiVersion: 'cluster.k8s.io/v1alpha1', kind: 'MachineDeployment', metadata: { name: 'edge2', namespace: 'kube-system' } }; // prettier-ignore
        expect((await cluster.get(machine))?.metadata.labels).toMatchObject({ site: 'la', 'edge-constructs.io/addresses': '192.0.2.7' }); // prettier-ignore
        expect(link.connections).toBe(connections);

        await stack.configure({ kubeletVersion: '1.33.5' });
        expect(await stack.run('preview')).toMatch(/MachineDeployment +edge2\/edge2\/machine +replace/);
        expect(await stack.run(...UP)).toMatch(/MachineDeployment edge2\/edge2\/machine created replacement/);
        expect(joined()).toBe(1);
        await stack.configure(more({ supervisor: { ...SUPERVISOR, rebuild: 'kubelet-1.33.5' } }));
        expect(await stack.run(...UP)).toContain('node edge2 is Ready');
        expect(joined()).toBe(2);
        await stack.run(...UP, '--expect-no-changes');
        await stack.run('destroy', '--yes', '--skip-preview');
      });

      test('a join token that has expired is renewed; one left script is told, and removed when that is allowed', async () => {
        const device = await site.device('edge3');
        const link = await linkTo(device);
        const stack = await newStack(device, link);
        const left = {
          apiVersion: 'v1',
          kind: 'Secret',
          metadata: { name: 'edge-provider-script-edge3-kube-system', namespace: 'cloud-init-settings' },
          data: { 'fetch-bootstrap-script': Buffer.from(site.script('edge3')).toString('base64') },
        };
        await apply(cluster, [left]);
        // Times in Kubernetes have whole seconds.
        await new Promise((resolve) => setTimeout(resolve, 1100));
        const stuck = await stack.attempt(...UP);
        expect(stuck.code).not.toBe(0);
        expect(stuck.text).toContain('Set removeLeftoverScript: true, or remove it');
        expect(link.connections).toBe(0);
        const stranger = await site.device('stranger3');
        await stack.configure({
          hostKey: stranger.hostKey,
          ...more({ removeLeftoverScript: true, rotateTokenOnDestroy: true }),
        });
        const removed = await stack.attempt(...UP);
        expect(removed.text).toContain(
          'removed Secret edge-provider-script-edge3-kube-system of an earlier machine edge3',
        );
        expect(removed.text).toContain('host key mismatch');
        // An hour later: the token has expired, and Kubernetes has removed it.
        for (const name of await tokensOf(device)) {
          await cluster.request('DELETE', `/api/v1/namespaces/kube-system/secrets/${name}`);
        }
        site.change({ joinToken: '000000.0000000000000000' });
        await stack.configure({ hostKey: device.hostKey });
        // It would often have answered before the update looks.
        operator.isRunning = false;
        const late = stack.start(...UP);
        const waits = 'waiting for KKP to create a new join token';
        await eventually('the update waits', () => Promise.resolve(late.said().includes(waits)), 300_000).finally(
          () => {
            operator.isRunning = true;
          },
        );
        expect((await late.outcome).text).toContain('node edge3 is Ready');
        // Making the Secret anew alone would bring the same token back.
        const revoked = site.token;
        await stack.run('destroy', '--yes', '--skip-preview');
        await eventually('KKP has made another token', () => Promise.resolve(site.token !== revoked));
        expect(site.world.tokens).not.toContain(revoked);
      });

      test('through a bastion, whose host key is verified, too', async () => {
        const [device, bastion] = [await site.device('edge5'), await site.device('bastion')];
        const link = await linkTo(bastion);
        const stack = await newStack(device, link);
        const through = (hostKey: string): Record<string, string> => {
          const { privateKey } = site;
          const way = { host: '127.0.0.1', port: link.port, user: 'ubuntu', privateKey, hostKey };
          const connection = {
            host: device.address,
            user: 'ubuntu',
            privateKey,
            hostKey: device.hostKey,
            bastion: way,
          };
          return more({ connection });
        };
        await stack.configure(through(device.hostKey));
        const wrong = await stack.attempt(...UP);
        expect(wrong.code).not.toBe(0);
        expect(wrong.text).toContain('host key mismatch');
        await stack.configure(through(bastion.hostKey));
        expect(await stack.run(...UP)).toContain('node edge5 is Ready');
        await stack.run('destroy', '--yes', '--skip-preview');
        expect((await device.ssh('ls /etc/machine-name', { mayFail: true })).stdout).toBe('');
      });

      test('a node that has joined is taken over by a stack that lost its state, and refused to another stack', async () => {
        const device = await site.device('edge6');
        const before = await device.state();
        const link = await linkTo(device);
        const stack = await newStack(device, link);
        await stack.run(...UP);
        const provisioned = await device.state();
        const joined = (): number => site.joined.filter((line) => line.startsWith('edge6 ')).length;
        expect(joined()).toBe(1);
        await cluster.request('PATCH', '/api/v1/nodes/edge6', {
          contentType: 'application/merge-patch+json',
          body: {
            metadata: { labels: { others: 'yes' } },
            spec: { taints: [...(await taintsOf(device)), { key: 'others', effect: 'NoSchedule' }] },
          },
        });
        // The site's kubelets talk to another API server: this is what they would say to this one.
        await cluster.request('PATCH', '/api/v1/nodes/edge6/status', {
          contentType: 'application/merge-patch+json',
          body: { status: { nodeInfo: { machineID: '6'.repeat(32) } } },
        });
        const machineOf = (): Promise<KubeObject | undefined> =>
          cluster.get({
            apiVersion: 'cluster.k8s.io/v1alpha1',
            kind: 'MachineDeployment',
            metadata: { name: 'edge6', namespace: 'kube-system' },
          });
        const uids = async (): Promise<unknown[]> =>
          [await nodeOf(device), await machineOf()].map((object) => object?.metadata.uid);
        const own = await uids();
        const isAsItWas = async (): Promise<void> => {
          expect(await device.state()).toBe(provisioned);
          expect(joined()).toBe(1);
          expect(await uids()).toEqual(own);
          expect((await nodeOf(device))?.metadata.labels).toMatchObject({ others: 'yes' });
          expect(await taintsOf(device)).toEqual([{ key: 'others', effect: 'NoSchedule' }]);
        };
        const taken =
          'Node edge6 has already joined: this stack takes it over, and destroying edge6-device takes it off its device.';

        // What an update that was cut off leaves out of the state: the node, and all that depends on it.
        const urn = (await stack.run('stack', '--show-urns'))
          .split(/\s+/)
          .find((each) => each.endsWith('::edge6-device/node'));
        await stack.run('state', 'delete', urn ?? '', '--target-dependents', '--yes');
        expect(await stack.run('preview')).toContain(taken);
        const again = await stack.run(...UP);
        expect(again).toContain(taken);
        expect(again).toContain('node edge6 is Ready: nothing to do');
        await isAsItWas();

        const another = await newStack(device, link, 'intruder');
        await another.configure({ upsert: 'true' });
        const { connections } = link;
        for (const command of [['preview'], UP]) {
          const { code, text } = await another.attempt(...command);
          expect(code).not.toBe(0);
          expect(text).toContain('Node edge6 has its machine in stack device/edge6; this is device/intruder.');
        }
        // A machine that no stack has, and a device that one has.
        const hold = '/api/v1/namespaces/kube-system/configmaps/edge-machine-edge6';
        expect((await cluster.request('DELETE', hold)).status).toBe(200);
        const refused = await another.attempt('preview');
        expect(refused.code).not.toBe(0);
        expect(refused.text).toContain('Node edge6 has its device in stack device/edge6; this is device/intruder.');
        expect(link.connections).toBe(connections);
        await isAsItWas();

        await stack.run('stack', 'rm', '--force', '--yes');
        const lost = await newStack(device, link);
        const exists = await lost.attempt(...UP);
        expect(exists.code).not.toBe(0);
        expect(exists.text).toContain('already exists');
        expect(link.connections).toBe(connections);
        await isAsItWas();
        await lost.configure({ upsert: 'true' });
        expect(await lost.run('preview')).toContain(taken);
        const back = await lost.run(...UP);
        expect(back).toContain(taken);
        expect(back).toContain('node edge6 is Ready: nothing to do');
        await isAsItWas();
        await lost.run(...UP, '--expect-no-changes');
        await lost.run('destroy', '--yes', '--skip-preview');
        expect(await device.state()).toBe(before);
        expect(await uids()).toEqual([undefined, undefined]);
      });

      test('a dead device is abandoned: nobody connects, the cluster forgets it, and what stays is told', async () => {
        const device = await site.device('edge4');
        const link = await linkTo(device);
        const stack = await newStack(device, link);
        await stack.run(...UP);
        const provisioned = await device.state();
        await device.cutPower();
        const refused = await stack.attempt('destroy', '--yes', '--skip-preview');
        expect(refused.code).not.toBe(0);
        expect(await nodeOf(device)).toBeDefined();
        await stack.configure(more({ abandon: true }));
        const { connections } = link;
        expect(await stack.run(...UP)).toMatch(
          /edge4 is abandoned: .* These stay on the device: the kubelet and containerd/,
        );
        await stack.run('destroy', '--yes', '--skip-preview');
        expect(link.connections).toBe(connections);
        expect(await nodeOf(device)).toBeUndefined();
        await device.switchOn();
        expect(await device.state()).toBe(provisioned);
      });
    });
  });
});

/** Another key that the device lets in from now on. */
async function newKey(site: Site, device: SshDevice): Promise<string> {
  const path = join(site.folder, `key-${device.name}`);
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', path]);
  await device.ssh('sudo -n tee -a /etc/ssh/authorized', { input: readFileSync(`${path}.pub`, 'utf8') });
  return readFileSync(path, 'utf8');
}
