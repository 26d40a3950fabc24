// A run that kills itself: `killed-run.ts <outdir> <files as JSON> <number of renames before the end, or "staged">`.
import fs from 'node:fs';
import { OutputFolder } from '../../lib/render/output-folder';

const [outdir = '', files = '{}', until = 'staged'] = process.argv.slice(2);

function die(): never {
  process.kill(process.pid, 'SIGKILL');
  throw new Error('still alive');
}

const folder = new OutputFolder(outdir);
for (const [file, content] of Object.entries(JSON.parse(files) as Record<string, string>)) folder.put(file, content);
if (until === 'staged') die();

const rename = fs.renameSync;
let left = Number(until);
fs.renameSync = (from, to) => {
  if (left-- === 0) die();
  rename(from, to);
};
folder.commit();
