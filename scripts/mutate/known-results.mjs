// What earlier runs found for the same scripts and tests, so that a run that was cut goes on where it was.
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ROOT } from './copy.mjs';

export class KnownResults {
  constructor(area) {
    this.file = join(ROOT, '.mutate', `${area}-results.json`);
    this.kept = readJson(this.file) ?? {};
  }

  /** What became of a mutant; `undefined` when it was not tried yet with these tests. */
  of(mutant, key) {
    const found = this.kept[nameOf(mutant)];
    return found?.key === key ? found : undefined;
  }

  /** The test that caught it the last time, perhaps another one's. */
  lastCatcher(mutant) {
    return this.kept[nameOf(mutant)]?.by;
  }

  add(mutant, result) {
    this.kept[nameOf(mutant)] = result;
    writeJson(this.file, this.kept);
  }
}

const nameOf = ({ script, line, what }) => `${script}:${line} ${what}`;

/** What is in a file; `undefined` when there is none. */
export function readJson(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}

export function writeJson(file, value) {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(`${file}.new`, `${JSON.stringify(value, undefined, 1)}\n`);
  renameSync(`${file}.new`, file);
}

/** One for all that is in files and folders of the checkout; of folders that are not there nothing. */
export function hashOf(paths) {
  const hash = createHash('sha256');
  const add = (path) => {
    const stats = statSync(join(ROOT, path), { throwIfNoEntry: false });
    if (stats?.isDirectory()) {
      for (const name of readdirSync(join(ROOT, path)).sort()) add(join(path, name));
    } else if (stats !== undefined) hash.update(path).update(readFileSync(join(ROOT, path)));
  };
  for (const path of paths) add(path);
  return hash.digest('hex');
}
