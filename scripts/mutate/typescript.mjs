// Mutation test of an area's TypeScript with Stryker.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { sample } from './sample.mjs';

const ROOT = resolve(import.meta.dirname, '../..');

/** Lines that are looked at together. */
const WINDOW = 8;

export function mutateTypeScript(area, { count, seed, only = '' }) {
  const folder = mkdtempSync(join(tmpdir(), 'mutate-'));
  const report = join(folder, 'report.json');
  try {
    const windows = sample(
      filesOf(join('lib', area))
        .filter((file) => file.includes(only))
        .flatMap(windowsOf),
      count,
      seed,
    );
    const { status } = spawnSync(
      join(ROOT, 'node_modules/.bin/stryker'),
      ['run', 'scripts/mutate/stryker.config.mjs', '--mutate', windows.join(',')],
      {
        cwd: ROOT,
        stdio: 'inherit',
        env: {
          ...process.env,
          MUTATE_AREA: area,
          MUTATE_REPORT: report,
          MUTATE_STATIC: count === undefined ? 'yes' : 'no',
        },
      },
    );
    if (status !== 0) throw new Error(`Stryker ended with status ${status}`);
    return countsOf(JSON.parse(readFileSync(report, 'utf8')));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function filesOf(folder) {
  return readdirSync(join(ROOT, folder))
    .sort()
    .flatMap((name) => {
      const path = join(folder, name);
      if (statSync(join(ROOT, path)).isDirectory()) return filesOf(path);
      return name.endsWith('.ts') && !['index.ts'].includes(name) ? [path] : [];
    });
}

function windowsOf(file) {
  const lines = readFileSync(join(ROOT, file), 'utf8').split('\n');
  const isCode = (line) => /=>|[=?(]/.test(line) && !/^\s*(\/\/|\/?\*|import |export \* |readonly )/.test(line);
  return Array.from({ length: Math.ceil(lines.length / WINDOW) }, (_, i) => [
    i * WINDOW,
    Math.min((i + 1) * WINDOW, lines.length),
  ])
    .filter(([from, to]) => lines.slice(from, to).some(isCode))
    .map(([from, to]) => `${file}:${from + 1}-${to}`);
}

function countsOf({ files }) {
  const mutants = Object.entries(files).flatMap(([file, { mutants: all }]) =>
    all.map((mutant) => ({ file, ...mutant })),
  );
  const counted = mutants.filter(({ status }) => ['Killed', 'Timeout', 'Survived', 'NoCoverage'].includes(status));
  const survivors = counted
    .filter(({ status }) => status === 'Survived' || status === 'NoCoverage')
    .map(({ file, location, mutatorName, replacement }) => ({
      script: file,
      line: location.start.line,
      what: `${mutatorName}: ${replacement}`,
    }));
  return { total: counted.length, of: counted.length, survivors };
}
