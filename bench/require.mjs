// What a platform team pays for importing the library: the time of requiring it, against requiring cdk8s and
// cdk8s-plus-27 alone, in turns, each in a process of its own. `npm run build` first.
import { spawnSync } from 'node:child_process';

const RUNS = 21;
const measure = (modules) => {
  const program = `
    const start = process.hrtime.bigint();
    ${modules.map((name) => `require(${JSON.stringify(name)});`).join('\n')}
    process.stdout.write(String(process.hrtime.bigint() - start));`;
  const { stdout, status, stderr } = spawnSync(process.execPath, ['-e', program], { encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
  return Number(stdout) / 1e6;
};
const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];

const without = ['cdk8s', 'cdk8s-plus-27'];
const samples = { without: [], with: [], ratios: [] };
measure(['./build/index.js']); // fills the file cache
for (let run = 0; run < RUNS; run++) {
  const base = measure(without);
  const all = measure(['./build/index.js']);
  samples.without.push(base);
  samples.with.push(all);
  samples.ratios.push(all / base);
}
console.log(`cdk8s and cdk8s-plus-27: ${median(samples.without).toFixed(0)} ms`);
console.log(`edge-constructs, with both: ${median(samples.with).toFixed(0)} ms`);
console.log(`ratio, median of ${RUNS} pairs: ${median(samples.ratios).toFixed(2)} (at most 1.3)`);
if (median(samples.ratios) > 1.3) process.exitCode = 1;
