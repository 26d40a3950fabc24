import { join } from 'node:path';
import { eventually } from '../../api/support/poll';
import { describeWithEngine, PROGRAMS, testWithRandom } from './engine';
import { isSettled, withCloud } from './support/cloud';

jest.setTimeout(1_800_000);

const program = (name: string): string => join(PROGRAMS, name);

describeWithEngine('units, by pulumi', () => {
  const cloud = withCloud();

  test('a unit: waits, tells kubeconfigs, refuses L5 to L4 and destroy, ends by way of L3', async () => {
    const stack = await cloud.backend.stack(program('unit'), 'unit', {
      cloudKubeconfig: cloud.kubeconfig,
      unit: 'plant',
      nodes: 'a,b,c',
      level: 'L5',
      tokenSecret: 'filled-by-others',
    });
    cloud.double.stuck.add('agent');
    const first = stack.start('up', '--yes', '--skip-preview');
    await eventually(
      'it tells what it waits for',
      () => Promise.resolve(first.said().includes('waiting until all nodes have joined')),
      300_000,
    );
    cloud.double.stuck.delete('agent');
    const { code, text } = await first.outcome;
    expect({ code, text }).toMatchObject({ code: 0 });
    expect(text).toMatch(/waiting until all nodes have joined: 0 of 3 joined: node a is not in the cluster; node b/);
    expect(await stack.outputs()).toMatchObject({
      directKubeconfig: expect.stringContaining(`${cloud.double.credential}-direct`) as unknown,
      tunnelKubeconfig: expect.stringContaining(`${cloud.double.credential}-tunnel`) as unknown,
      nodeKubeconfig: expect.stringContaining('tokenFile: /var/lib/kins/plant/access/token') as unknown,
    });
    await isSettled(stack);

    // A name that is no DNS name is found when its Output is known, and told as by the construct.
    await stack.configure({ name: 'not a name' });
    const wrong = await stack.attempt('preview');
    expect(wrong.code).not.toBe(0);
    expect(wrong.text).toContain('; allowed: a DNS name or an IP address. Name what clients write in the URL');
    await stack.configure({ name: 'plant.example.com' });
    await stack.run('up', '--yes', '--skip-preview');

    await stack.configure({ level: 'L4' });
    const smaller = await stack.attempt('preview');
    expect(smaller.code).not.toBe(0);
    expect(smaller.text).toMatch(/A unit at L5 can't be set to L4: two of its three servers/);
    await stack.configure({ level: 'L5' });

    const before = await cloud.versions('edge-constructs.io/unit=plant');
    expect(Object.keys(before).length).toBeGreaterThan(10);
    for (const args of [['--skip-preview'], ['--run-program', '--skip-preview'], ['--run-program']]) {
      const refused = await stack.attempt('destroy', '--yes', ...args);
      expect(refused.code).not.toBe(0);
      expect(refused.text).toMatch(/set autonomyLevel to L3 and run pulumi up/);
    }
    expect(await cloud.versions('edge-constructs.io/unit=plant')).toEqual(before);

    await stack.configure({ level: 'L3' });
    cloud.double.stuck.add('recycle');
    const down = stack.start('up', '--yes', '--skip-preview');
    await eventually(
      'it tells that nodes are not clean',
      () => Promise.resolve(down.said().includes('waiting until all nodes are clean: 0 of 3 clean')),
      300_000,
    );
    cloud.double.stuck.delete('recycle');
    const cleaned = await down.outcome;
    expect({ code: cleaned.code, text: cleaned.text }).toMatchObject({ code: 0 });
    // L3 has all that the unit had, emptied: whatever ends the unit then leaves nothing behind.
    expect(await cloud.exists('v1', 'ServiceAccount', 'plant-server-kins', 'kins-system')).toBe(true);
    expect(await cloud.exists('apps/v1', 'DaemonSet', 'plant-recycle-kins', 'kins-system')).toBe(true);
    await isSettled(stack);
    await stack.run('destroy', '--yes', '--skip-preview');
    expect(await cloud.versions('edge-constructs.io/unit=plant')).toEqual({});
    // The namespace may hold units of other stacks.
    expect(await cloud.exists('v1', 'Namespace', 'kins-system')).toBe(true);
  });

  test('a provider that would delete what a unit needs is refused, once, before anything is made', async () => {
    const stack = await cloud.backend.stack(program('unit'), 'replacing', {
      cloudKubeconfig: cloud.kubeconfig,
      unit: 'depot',
      nodes: 'a',
      level: 'L4',
      tokenSecret: 'filled-by-others',
      replacing: 'true',
    });
    for (const command of [['preview'], ['up', '--yes', '--skip-preview']]) {
      const { code, text } = await stack.attempt(...command);
      expect(code).not.toBe(0);
      expect(text.match(/provider\.enableConfigMapMutable: given nothing; allowed: true/g)).toHaveLength(1);
      expect(text).toMatch(/provider\.enableSecretMutable: given nothing; allowed: true/);
    }
    expect(await cloud.versions('edge-constructs.io/unit=depot')).toEqual({});
    await stack.run('destroy', '--yes', '--skip-preview');
  });

  testWithRandom(
    'a unit that another stack has is refused first, also where objects are taken over, and can be moved',
    async () => {
      const unit = { cloudKubeconfig: cloud.kubeconfig, unit: 'moved', nodes: 'a', level: 'L4' };
      const [first, second] = [
        await cloud.backend.stack(program('unit'), 'one', unit),
        await cloud.backend.stack(program('unit'), 'two', { ...unit, upsert: 'true' }),
      ];
      await first.run('up', '--yes', '--skip-preview');
      cloud.secrets.push(...(await first.passwords()));
      const before = await cloud.versions('edge-constructs.io/unit=moved');
      for (const command of [['preview'], ['up', '--yes', '--skip-preview']]) {
        const { code, text } = await second.attempt(...command);
        expect(code).not.toBe(0);
        expect(text).toContain('Unit moved is already in the cluster and belongs to stack unit/one; this is unit/two.');
      }
      expect(await cloud.versions('edge-constructs.io/unit=moved')).toEqual(before);
      await isSettled(first);

      await second.run('destroy', '--yes', '--skip-preview');
      const [urn] = /urn:\S+:KinsCluster::moved/.exec(await first.run('stack', '--show-urns')) ?? [];
      await cloud.backend.run(program('unit'), 'state', 'move', '--source', 'organization/unit/one', '--dest', 'organization/unit/two', urn!, '--yes'); // prettier-ignore
      await second.run('up', '--yes', '--skip-preview');
      await isSettled(second);
      const after = await cloud.versions('edge-constructs.io/unit=moved');
      const changed = Object.keys(before).filter((each) => after[each] !== before[each]);
      expect([Object.keys(after), changed]).toEqual([Object.keys(before), ['ConfigMap/moved-guard-kins']]);
      await first.run('destroy', '--yes', '--skip-preview');
      expect(await cloud.versions('edge-constructs.io/unit=moved')).toEqual(after);
      await second.configure({ level: 'L3' });
      await second.run('up', '--yes', '--skip-preview');
      await second.run('destroy', '--yes', '--skip-preview');
    },
  );

  test('a unit that does not get ready: the update ends in time and names the cause', async () => {
    const stack = await cloud.backend.stack(program('unit'), 'stuck', {
      cloudKubeconfig: cloud.kubeconfig,
      unit: 'shop',
      nodes: 'nowhere',
      level: 'L4',
      tokenSecret: 'filled-by-others',
      timeout: '5s',
    });
    cloud.double.stuck.add('server');
    const { code, text } = await stack.attempt('up', '--yes', '--skip-preview');
    cloud.double.stuck.delete('server');
    expect(code).not.toBe(0);
    expect(text).toContain(
      'Unit shop: gave up after 5 seconds waiting until the servers are ready: 0 of 1 ready: node nowhere is not in the cluster. ' +
        "Nothing is rolled back: fix the cause and run 'pulumi up' again.",
    );
    await stack.run('up', '--yes', '--skip-preview');
    // Nor does it get clean.
    await stack.configure({ level: 'L3' });
    cloud.double.stuck.add('recycle');
    const unclean = await stack.attempt('up', '--yes', '--skip-preview');
    cloud.double.stuck.delete('recycle');
    expect(unclean.code).not.toBe(0);
    expect(unclean.text).toContain(
      'Unit shop: gave up after 5 seconds waiting until all nodes are clean: 0 of 1 clean: node nowhere is not in the cluster. ' +
        "Nothing is rolled back: fix the cause and run 'pulumi up' again. A node that is gone for good never becomes clean",
    );
    await stack.configure({ timeout: '5m' });
    await stack.run('up', '--yes', '--skip-preview');
    await stack.run('destroy', '--yes', '--skip-preview');
  });
});
