// A run that kills itself: `killed-run.ts <outdir> <files as JSON> <end>`. The end is "staged", or a number of renames before
// it, or "removed <path>": the moment after that file or folder of the output is gone.
import fs from 'node:fs';
import path from 'node:path';
import { OutputFolder } from '../../lib/render/output-folder';

const [outdir = '', files = '{}', until = 'staged'] = process.argv.slice(2);

function die(): never {
  process.kill(process.pid, 'SIGKILL');
  throw new Error('still alive');
}

const folder = new OutputFolder(outdir);
for (const [file, content] of Object.entries(JSON.parse(files) as Record<string, string>)) folder.put(file, content);
if (until === 'staged') die();

const removed = until.startsWith('removed ') ? path.join(outdir, until.slice('removed '.length)) : undefined;
for (const name of ['rmSync', 'rmdirSync'] as const) {
  const remove = fs[name];
  fs[name] = (target: fs.PathLike, options?: fs.RmOptions) => {
    remove(target, options);
    if (target === removed) die();
  };
}
const rename = fs.renameSync;
let left = removed === undefined ? Number(until) : Infinity;
fs.renameSync = (from, to) => {
  if (left-- === 0) die();
  rename(from, to);
};
folder.commit();
