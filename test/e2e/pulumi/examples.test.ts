import { join } from 'node:path';
import { stringify } from 'yaml';
import { apply } from '../../api/support/apply';
import { describeWithCrds } from '../../api/support/crds';
import { describeWithEngine, ROOT, testWithRandom, testWithYaml } from './engine';
import { InstalledPackage } from './installed-package';
import { isSettled, withCloud } from './support/cloud';
import { datacenters, installKkp, SEED } from './support/seed';

jest.setTimeout(1_800_000);

describeWithEngine('examples, by pulumi', () => {
  const cloud = withCloud();

  testWithRandom('the example with a chart of cdk8s-plus: up, up, update, refresh, destroy', async () => {
    const stack = await cloud.backend.stack(join(ROOT, 'examples/pulumi/own-chart'), 'own', {
      cloudKubeconfig: cloud.kubeconfig,
    });
    const preview = await stack.run('preview');
    expect(preview).toMatch(/kubernetes:core\/v1:ConfigMap\s+settings\/settings\/Resource\s+create/);
    await stack.run('up', '--yes', '--skip-preview');
    const passwords = await stack.passwords();
    expect(passwords).toHaveLength(1);
    cloud.secrets.push(...passwords);
    const { stdout } = await cloud.cluster.kubectl(['get', 'configmaps', '-n', 'default', '-o', 'json']);
    expect(stdout).toContain(passwords[0]);
    await isSettled(stack);

    await stack.configure({ databaseHost: 'other.example.com' });
    expect(await stack.run('up', '--yes')).not.toMatch(/replac|other\.example\.com/);
    expect((await cloud.cluster.kubectl(['get', 'configmaps', '-n', 'default', '-o', 'json'])).stdout).toContain(
      `${passwords[0]}@other.example.com`,
    );
    await isSettled(stack);
    // The search for secrets finds what is there.
    expect(cloud.backend.occurrences('kubernetes:core/v1:ConfigMap')).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/\.pulumi\/stacks\/.*own\.json$/),
        expect.stringMatching(/^output of/),
      ]),
    );
    await stack.run('destroy', '--yes', '--skip-preview');
    expect((await cloud.cluster.kubectl(['get', 'configmaps', '-n', 'default', '-o', 'json'])).stdout).not.toContain(
      passwords[0],
    );
  });

  testWithYaml('the example in another language: the components, their provider, secrets and refusals', async () => {
    const installed = new InstalledPackage();
    try {
      installed.addProgram(join(ROOT, 'examples/pulumi/other-language'));
      // Pulumi makes an object of a text that is JSON, as the test's kubeconfig is; people's are YAML.
      const stack = await cloud.backend.stack(installed.project, 'yaml', {
        cloudKubeconfig: stringify(JSON.parse(cloud.kubeconfig)),
      });
      expect(await stack.run('preview')).toMatch(/DaemonSet\s+shop\/shop\/server\s+create/);
      await stack.run('up', '--yes', '--skip-preview');
      cloud.secrets.push(...(await stack.passwords()));
      expect(await stack.outputs()).toMatchObject({
        tunnelKubeconfig: expect.stringContaining(`${cloud.double.credential}-tunnel`) as unknown,
        deletionAdvice: expect.stringMatching(/^Unit shop is at L4: set autonomyLevel to L3/) as unknown,
      });
      await isSettled(stack);
      const refused = await stack.attempt('destroy', '--yes', '--skip-preview');
      expect(refused.code).not.toBe(0);
      expect(refused.text).toMatch(/set autonomyLevel to L3 and run pulumi up/);
      await stack.configure({ autonomyLevel: 'L3' });
      await stack.run('up', '--yes', '--skip-preview');
      await stack.run('destroy', '--yes', '--skip-preview');
      expect(await cloud.versions('edge-constructs.io/unit=shop')).toEqual({});
    } finally {
      installed.dispose();
    }
  });

  describeWithCrds('with the upstream CRDs', () => {
    beforeAll(() => installKkp(cloud.cluster));

    testWithRandom('the root example: up, up, update, refresh, destroy', async () => {
      await apply(cloud.cluster, [SEED]);
      const stack = await cloud.backend.stack(ROOT, 'root', {
        masterKubeconfig: cloud.kubeconfig,
        seedKubeconfig: cloud.kubeconfig,
        cloudKubeconfig: cloud.kubeconfig,
      });
      expect(await stack.run('preview')).toMatch(/DaemonSet\s+shop-site\/shop-site\/server\s+create/);
      await stack.run('up', '--yes', '--skip-preview');
      cloud.secrets.push(...(await stack.passwords()));
      expect(await datacenters(cloud.cluster)).toMatchObject({ 'edge-eu-de': { country: 'DE' } });
      await isSettled(stack);
      expect((await stack.attempt('destroy', '--yes')).text).toMatch(/set autonomyLevel to L3 and run pulumi up/);
      await stack.configure({ autonomyLevel: 'L3' });
      await stack.run('up', '--yes', '--skip-preview');
      await stack.run('destroy', '--yes', '--skip-preview');
      expect(await datacenters(cloud.cluster)).not.toHaveProperty('edge-eu-de');
    });
  });
});
