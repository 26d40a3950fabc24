import { apply } from '../../api/support/apply';
import type { KubeObject } from '../../api/support/objects';
import { eventually } from '../../api/support/poll';
import { describeDevices, more, UP } from './support/device-stacks';

jest.setTimeout(1_800_000);

describeDevices('devices that something went wrong with', (stacks) => {
  test('a join token that has expired is renewed; one left script is told, and removed when that is allowed', async () => {
    const device = await stacks.site.device('edge3');
    const link = await stacks.linkTo(device);
    const stack = await stacks.newStack(device, link);
    const left = {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'edge-provider-script-edge3-kube-system', namespace: 'cloud-init-settings' },
      data: { 'fetch-bootstrap-script': Buffer.from(stacks.site.script('edge3')).toString('base64') },
    };
    await apply(stacks.cluster, [left]);
    // Times in Kubernetes have whole seconds.
    await new Promise((resolve) => setTimeout(resolve, 1100));
    const stuck = await stack.attempt(...UP);
    expect(stuck.code).not.toBe(0);
    expect(stuck.text).toContain('Set removeLeftoverScript: true, or remove it');
    expect(link.connections).toBe(0);
    const stranger = await stacks.site.device('stranger3');
    await stack.configure({
      hostKey: stranger.hostKey,
      ...more({ removeLeftoverScript: true, rotateTokenOnDestroy: true }),
    });
    const removed = await stack.attempt(...UP);
    expect(removed.text).toContain('removed Secret edge-provider-script-edge3-kube-system of an earlier machine edge3');
    expect(removed.text).toContain('host key mismatch');
    // An hour later: the token has expired, and Kubernetes has removed it.
    for (const name of await stacks.tokensOf(device)) {
      await stacks.cluster.request('DELETE', `/api/v1/namespaces/kube-system/secrets/${name}`);
    }
    stacks.site.change({ joinToken: '000000.0000000000000000' });
    await stack.configure({ hostKey: device.hostKey });
    // It would often have answered before the update looks.
    stacks.operator.isRunning = false;
    const late = stack.start(...UP);
    const waits = 'waiting for KKP to create a new join token';
    await eventually('the update waits', () => Promise.resolve(late.said().includes(waits)), 300_000).finally(() => {
      stacks.operator.isRunning = true;
    });
    expect((await late.outcome).text).toContain('node edge3 is Ready');
    // Making the Secret anew alone would bring the same token back.
    const revoked = stacks.site.token;
    await stack.run('destroy', '--yes', '--skip-preview');
    await eventually('KKP has made another token', () => Promise.resolve(stacks.site.token !== revoked));
    expect(stacks.site.world.tokens).not.toContain(revoked);
  });

  test('a node that has joined is taken over by a stack that lost its state, and refused to another stack', async () => {
    const device = await stacks.site.device('edge6');
    const before = await device.state();
    const link = await stacks.linkTo(device);
    const stack = await stacks.newStack(device, link);
    await stack.run(...UP);
    const provisioned = await device.state();
    const joined = (): number => stacks.site.joined.filter((line) => line.startsWith('edge6 ')).length;
    expect(joined()).toBe(1);
    await stacks.cluster.request('PATCH', '/api/v1/nodes/edge6', {
      contentType: 'application/merge-patch+json',
      body: {
        metadata: { labels: { others: 'yes' } },
        spec: { taints: [...(await stacks.taintsOf(device)), { key: 'others', effect: 'NoSchedule' }] },
      },
    });
    // The site's kubelets talk to another API server: this is what they would say to this one.
    await stacks.cluster.request('PATCH', '/api/v1/nodes/edge6/status', {
      contentType: 'application/merge-patch+json',
      body: { status: { nodeInfo: { machineID: '6'.repeat(32) } } },
    });
    const machineOf = (): Promise<KubeObject | undefined> =>
      stacks.cluster.get({
        apiVersion: 'cluster.k8s.io/v1alpha1',
        kind: 'MachineDeployment',
        metadata: { name: 'edge6', namespace: 'kube-system' },
      });
    const uids = async (): Promise<unknown[]> =>
      [await stacks.nodeOf(device), await machineOf()].map((object) => object?.metadata.uid);
    const own = await uids();
    const isAsItWas = async (): Promise<void> => {
      expect(await device.state()).toBe(provisioned);
      expect(joined()).toBe(1);
      expect(await uids()).toEqual(own);
      expect((await stacks.nodeOf(device))?.metadata.labels).toMatchObject({ others: 'yes' });
      expect(await stacks.taintsOf(device)).toEqual([{ key: 'others', effect: 'NoSchedule' }]);
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

    const another = await stacks.newStack(device, link, 'intruder');
    await another.configure({ upsert: 'true' });
    const { connections } = link;
    for (const command of [['preview'], UP]) {
      const { code, text } = await another.attempt(...command);
      expect(code).not.toBe(0);
      expect(text).toContain('Node edge6 has its machine in stack device/edge6; this is device/intruder.');
    }
    // A machine that no stack has, and a device that one has.
    const hold = '/api/v1/namespaces/kube-system/configmaps/edge-machine-edge6';
    expect((await stacks.cluster.request('DELETE', hold)).status).toBe(200);
    const refused = await another.attempt('preview');
    expect(refused.code).not.toBe(0);
    expect(refused.text).toContain('Node edge6 has its device in stack device/edge6; this is device/intruder.');
    expect(link.connections).toBe(connections);
    await isAsItWas();

    await stack.run('stack', 'rm', '--force', '--yes');
    const lost = await stacks.newStack(device, link);
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
    const device = await stacks.site.device('edge4');
    const link = await stacks.linkTo(device);
    const stack = await stacks.newStack(device, link);
    await stack.run(...UP);
    const provisioned = await device.state();
    await device.cutPower();
    const refused = await stack.attempt('destroy', '--yes', '--skip-preview');
    expect(refused.code).not.toBe(0);
    expect(await stacks.nodeOf(device)).toBeDefined();
    await stack.configure(more({ abandon: true }));
    const { connections } = link;
    expect(await stack.run(...UP)).toMatch(
      /edge4 is abandoned: .* These stay on the device: the kubelet and containerd/,
    );
    await stack.run('destroy', '--yes', '--skip-preview');
    expect(link.connections).toBe(connections);
    expect(await stacks.nodeOf(device)).toBeUndefined();
    await device.switchOn();
    expect(await device.state()).toBe(provisioned);
  });
});
