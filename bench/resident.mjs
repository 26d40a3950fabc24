// Prints how many MiB of memory the processes hold together that this one sees: each page once, however many share it.
// Sums of Rss count what is shared several times, and sums of Pss leave out what is shared with others.
// Needs root and Linux.
import { closeSync, openSync, readdirSync, readFileSync, readSync } from 'node:fs';

const PAGE = 4096;
const ENTRY = 8;
const chunk = Buffer.alloc(ENTRY * 65536);
const frames = new Set();

function addPages(pagemap, from, to) {
  let position = (from / PAGE) * ENTRY;
  const end = (to / PAGE) * ENTRY;
  while (position < end) {
    const read = readSync(pagemap, chunk, 0, Math.min(chunk.length, end - position), position);
    if (read === 0) return;
    for (let at = 0; at < read; at += ENTRY) {
      const high = chunk.readUInt32LE(at + 4);
      // Bit 63: the page is in memory. Bits 0 to 54: where.
      if (high >>> 31 === 1) frames.add((high & 0x7fffff) * 2 ** 32 + chunk.readUInt32LE(at));
    }
    position += read;
  }
}

function addProcess(pid) {
  const maps = readFileSync(`/proc/${pid}/maps`, 'utf8');
  const pagemap = openSync(`/proc/${pid}/pagemap`, 'r');
  try {
    for (const [, from, to, name] of maps.matchAll(/^([0-9a-f]+)-([0-9a-f]+) (?:\S+ +){4}(.*)$/gm)) {
      if (!name.startsWith('[v')) addPages(pagemap, parseInt(from, 16), parseInt(to, 16));
    }
  } finally {
    closeSync(pagemap);
  }
}

for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)) {
  try {
    addProcess(pid);
  } catch (error) {
    // It has ended meanwhile.
    if (!['ENOENT', 'ESRCH'].includes(error.code)) throw error;
  }
}
if (frames.has(0)) throw new Error('the kernel does not tell where pages are: run this as root');
console.log(((frames.size * PAGE) / 2 ** 20).toFixed(1));
