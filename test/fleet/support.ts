import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { forgetWriters } from '../../lib/render/output-folder';

const README = /^README(-.*)?\.md$/;
const made: string[] = [];

/** Lets what follows be as in another process, where nothing is known of files written before. */
export function asInAnotherProcess<T>(work: () => T): T {
  forgetWriters();
  return work();
}

/** A folder of its own for a test; removed by {@link removeTempFolders}. */
export function tempFolder(): string {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'edge-constructs-fleet-'));
  made.push(folder);
  return folder;
}

export function removeTempFolders(): void {
  for (const folder of made.splice(0)) fs.rmSync(folder, { recursive: true, force: true });
}

/** All files below a folder with their content, the run's own bookkeeping and its README left out. */
export function filesIn(folder: string): Record<string, string> {
  const found: Record<string, string> = {};
  if (!fs.existsSync(folder)) return found;
  for (const entry of fs.readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const full = path.join(entry.parentPath, entry.name);
    const relative = path.relative(folder, full);
    const isOwn = relative.startsWith('.edge-constructs') || README.test(relative);
    if (entry.isFile() && !isOwn) found[relative] = fs.readFileSync(full, 'utf8');
  }
  return Object.fromEntries(Object.entries(found).sort(([a], [b]) => (a < b ? -1 : 1)));
}
