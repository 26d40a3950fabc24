import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const ROOT = join(__dirname, '..', '..');
const EXAMPLES = readdirSync(join(ROOT, 'examples')).filter((file) => file.endsWith('.ts'));

jest.setTimeout(60_000);

/** Runs an example as its own program and returns the files it wrote. */
function run(example: string): ReadonlyMap<string, string> {
  const outdir = mkdtempSync(join(tmpdir(), 'example-'));
  try {
    const { status, stderr } = spawnSync(process.execPath, ['--import', 'tsx', join('examples', example)], {
      cwd: ROOT,
      env: { ...process.env, CDK8S_OUTDIR: outdir },
      encoding: 'utf8',
    });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    const files = readdirSync(outdir, { recursive: true, encoding: 'utf8' }).filter((file) => /\.ya?ml$/.test(file));
    return new Map(files.sort().map((file) => [file, readFileSync(join(outdir, file), 'utf8')]));
  } finally {
    rmSync(outdir, { recursive: true, force: true });
  }
}

const MAIN = 'main.ts';

test(`${MAIN} runs them all`, () => {
  const all = run(MAIN);
  for (const example of EXAMPLES.filter((file) => file !== MAIN)) {
    const own = run(example);
    expect(own.size).toBeGreaterThan(0);
    // The same bytes, alone or with the others: twice the same program, and no example disturbs another.
    for (const [file, text] of own) expect([file, all.get(file)]).toEqual([file, text]);
  }
});

test('no output holds secret material', () => {
  for (const [file, text] of run(MAIN)) {
    expect([file, /-----BEGIN|PRIVATE KEY|\n {2}(data|stringData):\n {4}(password|token)/.exec(text)]).toEqual([
      file,
      null,
    ]);
  }
});
