import * as kubernetes from '@pulumi/kubernetes';
import { App, Chart } from 'cdk8s';
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { ChartResources } from '../../lib/pulumi';
import { Engine, plain, withoutPulumi } from './mocks';

const EXAMPLES = resolve(__dirname, '../../examples');
const examples = readdirSync(EXAMPLES).filter(
  (file) => file.endsWith('.ts') && readFileSync(join(EXAMPLES, file), 'utf8').includes('new App('),
);

test('there are examples', () => {
  expect(examples.length).toBeGreaterThan(0);
});

/** What 0.1 made for a unit at L4 or L5: it has to stay in the program, open, for Pulumi to be able to delete it one day. */
const isRetired = (name: string): boolean =>
  /\/(guard-policy|namespace-policy|scripts)$/.test(name) && !name.includes('/kins-');

test.each(examples)('%s: pulumi up applies what cdk8s synth writes', async (example) => {
  const apps: App[] = [];
  const synth = jest.spyOn(App.prototype, 'synth').mockImplementation(function (this: App) {
    apps.push(this);
  });
  jest.spyOn(process.stdout, 'write').mockReturnValue(true);
  await import(join(EXAMPLES, example));
  synth.mockRestore();
  jest.restoreAllMocks();
  const charts = apps.flatMap((app) => app.node.findAll().filter((each): each is Chart => Chart.isChart(each)));
  expect(charts.length).toBeGreaterThan(0);

  for (const chart of charts) {
    const objects = chart.toJson() as unknown[];
    const engine = await Engine.start();
    const provider = new kubernetes.Provider('any', {
      kubeconfig: '{}',
      enableConfigMapMutable: true,
      enableSecretMutable: true,
    });
    new ChartResources('chart', { chart }, { provider });
    await engine.settle();
    const inputs = engine.registered
      .filter(({ type, name }) => type.startsWith('kubernetes:') && !isRetired(name))
      .map((each) => withoutPulumi(plain(each.inputs)));
    expect(inputs).toHaveLength(objects.length);
    expect(inputs).toEqual(
      expect.arrayContaining((objects as Parameters<typeof withoutGitOps>[0][]).map(withoutGitOps)),
    );
  }
});

/** Of an object that others have, too, Pulumi says nothing to GitOps controllers. */
function withoutGitOps(object: { kind: string; metadata: object }): object {
  if (!['Namespace', 'Seed'].includes(object.kind)) return object;
  return { ...object, metadata: { ...object.metadata, annotations: undefined } };
}
