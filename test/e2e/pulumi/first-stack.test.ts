import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { apply } from '../../api/support/apply';
import { ControlPlane } from '../../api/support/control-plane';
import { eventually } from '../../api/support/poll';
import { firstStack, installOffline, packInto } from '../../package/user-project';
import { EdgeClusterDouble } from './edge-cluster-double';
import { Backend, describeWithEngine, testWithRandom } from './engine';

jest.setTimeout(1_800_000);

describeWithEngine("the guide's first stack", () => {
  let plane: ControlPlane;
  let double: EdgeClusterDouble;
  let backend: Backend;
  let folder: string;
  let packed: string;

  beforeAll(async () => {
    plane = await ControlPlane.start();
    double = new EdgeClusterDouble(plane.cluster, randomBytes(20).toString('hex'));
    double.stuck.add('server');
    double.start();
    backend = new Backend();
    packed = mkdtempSync(join(tmpdir(), 'edge-constructs-packed-'));
    folder = mkdtempSync(join(tmpdir(), 'edge-constructs-first-stack-'));
  });
  afterAll(async () => {
    backend.dispose();
    for (const each of [packed, folder]) rmSync(each, { recursive: true, force: true });
    await double.stop();
    await plane.stop();
  });

  testWithRandom(
    'runs word for word in an empty folder with the packed package, and tells what it waits for',
    async () => {
      const { commands, packages, program, waiting } = firstStack();
      await apply(plane.cluster, [{ apiVersion: 'v1', kind: 'Node', metadata: { name: 'edge1' } }]);
      const kubeconfig: unknown = JSON.parse(readFileSync(plane.cluster.access.kubeconfig, 'utf8'));
      writeFileSync(join(folder, 'cloud.kubeconfig'), stringify(kubeconfig), { mode: 0o600 });
      for (const command of commands) {
        // The registry is the one thing that is not there.
        if (command.startsWith('npm install ')) {
          installOffline(packInto(packed), folder, packages);
          continue;
        }
        const { status, stdout, stderr } = spawnSync('sh', ['-ec', command], {
          cwd: folder,
          encoding: 'utf8',
          env: backend.environment,
        });
        expect({ command, status, output: status === 0 ? '' : stdout + stderr }).toEqual({
          command,
          status: 0,
          output: '',
        });
      }
      writeFileSync(join(folder, 'index.ts'), program);
      const running = backend.start(folder, ['up', '--yes', '--skip-preview']);
      await eventually('it says what it waits for', () => Promise.resolve(running.said().includes(waiting)), 300_000);
      double.stuck.delete('server');
      const { code, text } = await running.outcome;
      expect({ code, text }).toMatchObject({ code: 0 });
      const shown = await backend.run(folder, 'stack', 'output', 'kubeconfig', '--show-secrets');
      expect(shown).toContain(`${double.credential}-tunnel`);
    },
  );
});
