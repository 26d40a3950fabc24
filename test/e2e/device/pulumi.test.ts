import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { TaintEffect } from '../../../lib';
import { eventually } from '../../api/support/poll';
import { describeDevices, more, UP } from './support/device-stacks';
import type { Site } from './support/site';
import type { SshDevice } from './support/ssh-device';

jest.setTimeout(1_800_000);

/** As in the program. */
const SUPERVISOR = {
  packageUrls: [],
  minFreeDisk: '20Mi',
  minMemory: '100Mi',
  readyTimeout: '30s',
  repeatTimeout: '10s',
};

describeDevices('devices', (stacks) => {
  test('up, up, another address and key, the wrong host key, destroy', async () => {
    const device = await stacks.site.device('edge1');
    const rotated = await newKey(stacks.site, device);
    const before = await device.state();
    const link = await stacks.linkTo(device);
    const stack = await stacks.newStack(device, link);
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
    expect((await stacks.nodeOf(device))?.metadata).toMatchObject({
      labels: { site: 'la' },
      annotations: { 'example.com/rack': '7' },
    });
    expect(await stacks.taintsOf(device)).toEqual([{ key: 'example.com/kiosk', value: 'yes', effect: 'NoExecute' }]);
    const provisioned = await device.state();
    expect(provisioned).not.toBe(before);

    await stack.run('preview', '--expect-no-changes');
    await stack.run(...UP, '--expect-no-changes');
    await stack.run('refresh', '--yes', '--skip-preview', '--expect-no-changes');
    expect(link.connections).toBe(1);

    // What a node gets changes in place, and what others have given it stays.
    await stacks.cluster.request('PATCH', '/api/v1/nodes/edge1', {
      contentType: 'application/merge-patch+json',
      body: {
        spec: { taints: [...(await stacks.taintsOf(device)), { key: 'others', effect: 'NoSchedule' }] },
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
    expect((await stacks.nodeOf(device))?.metadata).toMatchObject({ labels: { site: 'sf' } });
    expect(await stacks.taintsOf(device)).toEqual([
      { key: 'others', effect: 'NoSchedule' },
      { key: 'example.com/till', effect: 'NoSchedule' },
    ]);

    const other = await stacks.linkTo(device);
    await stack.configure({ port: String(other.port), privateKey: rotated });
    expect(await stack.run(...UP)).toContain('node edge1 is Ready: nothing to do');
    expect(other.connections).toBe(1);
    expect(await device.state()).toBe(provisioned);

    const stranger = await stacks.site.device('stranger');
    await stack.configure({ hostKey: stranger.hostKey });
    const wrong = await stack.attempt(...UP);
    expect(wrong.code).not.toBe(0);
    expect(wrong.text).toContain('host key mismatch');
    expect(await device.state()).toBe(provisioned);
    await stack.configure({ hostKey: device.hostKey });
    await stack.run(...UP);

    expect(await stacks.tokensOf(device)).toHaveLength(1);
    await stack.run('destroy', '--yes', '--skip-preview');
    expect(await device.state()).toBe(before);
    expect(await stacks.nodeOf(device)).toBeUndefined();
    expect((await stacks.secretNames('cloud-init-settings')).filter((name) => name.includes('edge1'))).toEqual([]);
    expect(await stacks.secretNames('cloud-init-settings')).toContain('cloud-init-getter-token');
    if (stacks.cluster.access.controllers) {
      await eventually('the tokens to join with are gone', async () => (await stacks.tokensOf(device)).length === 0);
    }
    const { stdout } = await stacks.cluster.kubectl(['get', 'cronjobs,clusterroles', '-A', '-o', 'name']);
    expect(stdout).not.toContain('serving-certificates');
  });

  test('a changed machine is made anew, and the device is provisioned again only when that is asked for', async () => {
    const device = await stacks.site.device('edge2');
    const link = await stacks.linkTo(device);
    const stack = await stacks.newStack(device, link);
    await stack.run(...UP);
    const joined = (): number => stacks.site.joined.filter((line) => line.startsWith('edge2 ')).length;
    expect(joined()).toBe(1);
    const { connections } = link;
    await stack.configure({ machine: JSON.stringify({ addresses: ['192.0.2.7'], labels: { site: 'la' } }) });
    await stack.run(...UP);
    const machine = { apiVersion: 'cluster.k8s.io/v1alpha1', kind: 'MachineDeployment', metadata: { name: 'edge2', namespace: 'kube-system' } }; // prettier-ignore
    expect((await stacks.cluster.get(machine))?.metadata.labels).toMatchObject({ site: 'la', 'edge-constructs.io/addresses': '192.0.2.7' }); // prettier-ignore
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

  test('through a bastion, whose host key is verified, too', async () => {
    const [device, bastion] = [await stacks.site.device('edge5'), await stacks.site.device('bastion')];
    const link = await stacks.linkTo(bastion);
    const stack = await stacks.newStack(device, link);
    const through = (hostKey: string): Record<string, string> => {
      const { privateKey } = stacks.site;
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
});

/** Another key that the device lets in from now on. */
async function newKey(site: Site, device: SshDevice): Promise<string> {
  const path = join(site.folder, `key-${device.name}`);
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', path]);
  await device.ssh('sudo -n tee -a /etc/ssh/authorized', { input: readFileSync(`${path}.pub`, 'utf8') });
  return readFileSync(path, 'utf8');
}
