// What earlier runs found for the same scripts and tests, so that a run that was cut goes on where it was.
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

export class KnownResults {
  constructor(root, area) {
    this.file = join(root, '.mutate', `${area}-scripts.json`);
    this.state = stateOf(root, [`lib/${area}`, `test/${area}`, 'test/support', 'scripts/mutate']);
    let kept;
    try {
      kept = JSON.parse(readFileSync(this.file, 'utf8'));
    } catch {
      // None, or cut while it was written.
    }
    this.results = kept?.state === this.state ? kept.results : [];
  }

  /** What became of a mutant; `undefined` when it was not tried yet. */
  of({ script, line, what }) {
    return this.results.find((known) => known.script === script && known.line === line && known.what === what)?.caught;
  }

  add({ script, line, what }, caught) {
    this.results.push({ script, line, what, caught });
    mkdirSync(dirname(this.file), { recursive: true });
    writeFileSync(this.file, `${JSON.stringify({ state: this.state, results: this.results }, undefined, 2)}\n`);
  }
}

function stateOf(root, folders) {
  const hash = createHash('sha256');
  for (const folder of folders) {
    const entries = readdirSync(join(root, folder), { recursive: true, withFileTypes: true });
    for (const path of entries
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .sort())
      hash.update(path.slice(root.length)).update(readFileSync(path));
  }
  return hash.digest('hex');
}
