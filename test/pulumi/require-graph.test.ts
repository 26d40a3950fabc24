import { spawnSync } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';

const ROOT = resolve(__dirname, '../..');

/** What a module loads, by the loader itself; in a process of its own, because this one has loaded much already. */
function loadedBy(entry: string): string[] {
  const script = `require(${JSON.stringify(join(ROOT, entry))}); process.stdout.write(JSON.stringify(Object.keys(require.cache)))`;
  const { stdout, stderr, status } = spawnSync(process.execPath, ['--require', 'tsx/cjs', '--eval', script], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout) as string[];
}

test('who imports the cdk8s half never loads Pulumi', () => {
  const loaded = loadedBy('lib/index.ts');
  expect(loaded.some((file) => file.includes('node_modules/cdk8s/'))).toBe(true);
  expect(loaded.filter((file) => /@pulumi\/|@kubernetes\/client-node|\/lib\/pulumi\//.test(file))).toEqual([]);
});

test('who imports the Pulumi half loads neither all of @pulumi/kubernetes nor a client', () => {
  const loaded = loadedBy('lib/pulumi/index.ts');
  expect(loaded.some((file) => file.includes('@pulumi/pulumi/'))).toBe(true);
  expect(loaded.filter((file) => /@pulumi\/kubernetes\/.*\.js$|@kubernetes\/client-node/.test(file))).toEqual([]);
});

test('no file of the cdk8s half names a package of Pulumi', () => {
  const files = readdirSync(join(ROOT, 'lib'), { recursive: true, encoding: 'utf8' }).filter(
    (file) => file.endsWith('.ts') && !file.startsWith('pulumi/'),
  );
  const importing = files.filter((file) =>
    /(?:from|require\(|import\() ?'(?:@pulumi\/|@kubernetes\/|(?:\.\.?\/)+pulumi)/.test(
      readFileSync(join(ROOT, 'lib', file), 'utf8'),
    ),
  );
  expect(importing).toEqual([]);
});
