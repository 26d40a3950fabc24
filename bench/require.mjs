// What a platform team pays for importing the library: the time of requiring it with cdk8s and cdk8s-plus-27, against
// requiring those two alone, in turns, each in a process of its own. `npm run build` first.
import { spawnSync } from 'node:child_process';

const RUNS = 21;
const LIMIT = 1.3;
const BASE = "require('cdk8s'); require('cdk8s-plus-27');";

const measure = (program) => {
  const timed = `const start = process.hrtime.bigint(); ${program} process.stdout.write(String(process.hrtime.bigint() - start));`;
  const { stdout, status, stderr } = spawnSync(process.execPath, ['-e', timed], { encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
  return Number(stdout) / 1e6;
};
const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];

const programs = {
  'required, nothing used': `${BASE} require('./build/index.js');`,
  'required, everything used': `${BASE} Object.values(require('./build/index.js'));`,
};
const ratios = Object.fromEntries(Object.keys(programs).map((name) => [name, []]));
const base = [];
Object.values(programs).forEach(measure); // fills the file cache
for (let run = 0; run < RUNS; run++) {
  const alone = measure(BASE);
  base.push(alone);
  for (const [name, program] of Object.entries(programs)) ratios[name].push(measure(program) / alone);
}
console.log(`cdk8s and cdk8s-plus-27 alone: ${median(base).toFixed(0)} ms`);
for (const [name, values] of Object.entries(ratios)) {
  console.log(`with edge-constructs ${name}: ${median(values).toFixed(2)} times (median of ${RUNS} pairs)`);
}
if (median(ratios['required, nothing used']) > LIMIT) {
  console.error(`requiring the library takes more than ${LIMIT} times`);
  process.exitCode = 1;
}
