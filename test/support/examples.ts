import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const ROOT = join(__dirname, '..', '..');

/** The program that runs all examples. */
export const ALL_EXAMPLES = 'main.ts';

/** File names of the examples, each a program of its own. */
export function exampleNames(): readonly string[] {
  return readdirSync(join(ROOT, 'examples'))
    .filter((file) => file.endsWith('.ts') && file !== ALL_EXAMPLES)
    .sort();
}

/** Runs an example as a user would and returns the YAML files it wrote, by their paths. */
export function runExample(example: string, folder = 'examples'): ReadonlyMap<string, string> {
  const outdir = mkdtempSync(join(tmpdir(), 'example-'));
  try {
    const { status, stderr } = spawnSync(process.execPath, ['--import', 'tsx', join(folder, example)], {
      cwd: ROOT,
      env: { ...process.env, CDK8S_OUTDIR: outdir },
      encoding: 'utf8',
    });
    if (status !== 0) throw new Error(`${example} ended with ${String(status)}: ${stderr}`);
    const files = readdirSync(outdir, { recursive: true, encoding: 'utf8' }).filter((file) => /\.ya?ml$/.test(file));
    return new Map(files.sort().map((file) => [file, readFileSync(join(outdir, file), 'utf8')]));
  } finally {
    rmSync(outdir, { recursive: true, force: true });
  }
}

/** Runs an example after a user has changed one of its files. */
export function runChangedExample(
  example: string,
  file: string,
  change: (text: string) => string,
): ReadonlyMap<string, string> {
  const folder = mkdtempSync(join(tmpdir(), 'changed-example-'));
  try {
    cpSync(join(ROOT, 'examples'), folder, { recursive: true });
    symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
    const text = readFileSync(join(folder, file), 'utf8');
    writeFileSync(join(folder, file), change(text));
    return runExample(example, folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
