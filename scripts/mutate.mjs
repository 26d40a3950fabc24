// Mutation tests: npm run mutate -- AREA [--sample N] [--seed S] [--only TEXT] [--at-least PERCENT]
//   AREA     shell, kins-scripts, device-scripts, kins, device, pulumi, core or fleet
//   only     what the path of a file has in it
//   at-least fails below that score; of a sample, when that can't be chance
//   sample   so many mutants, chosen by the seed; without it all, which takes hours
import { parseArgs } from 'node:util';
import { atMost } from './mutate/sample.mjs';
import { mutateShell } from './mutate/shell.mjs';
import { mutateTypeScript } from './mutate/typescript.mjs';

const AREAS = {
  shell: (options) => mutateShell('shell', options),
  'kins-scripts': (options) => mutateShell('kins', options),
  'device-scripts': (options) => mutateShell('device', options),
  kins: (options) => mutateTypeScript('kins', options),
  device: (options) => mutateTypeScript('device', options),
  pulumi: (options) => mutateTypeScript('pulumi', options),
  core: (options) => mutateTypeScript('core', options),
  fleet: (options) => mutateTypeScript('fleet', options),
  render: (options) => mutateTypeScript('render', options),
};

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    sample: { type: 'string' },
    only: { type: 'string', default: '' },
    seed: { type: 'string', default: '1' },
    'at-least': { type: 'string', default: '0' },
  },
});
const [area] = positionals;
const numbers = [values.sample ?? '1', values.seed, values['at-least']];
if (positionals.length !== 1 || !Object.hasOwn(AREAS, area) || !numbers.every((text) => /^\d+$/.test(text))) {
  process.stderr.write(
    `usage: npm run mutate -- AREA [--sample N] [--seed S] [--only TEXT] [--at-least PERCENT]\nAREA: ${Object.keys(AREAS).join(', ')}\n`,
  );
  process.exit(2);
}

const count = values.sample === undefined ? undefined : Number(values.sample);
const { total, of, survivors } = await AREAS[area]({ count, seed: Number(values.seed), only: values.only });
if (total === 0) {
  process.stderr.write(`${area}: nothing to change\n`);
  process.exit(1);
}
const score = ((total - survivors.length) / total) * 100;
process.stdout.write(
  `\n${area}: ${total - survivors.length} of ${total} mutants caught (${score.toFixed(1)} %), seed ${values.seed}, ${of} in all\n`,
);
for (const { script, line, what } of survivors) process.stdout.write(`  survived: ${script}:${line} ${what}\n`);
const wanted = Number(values['at-least']);
// A sample says little: it fails when so bad a one would come up less than once in a thousand.
const isBad = score < wanted && (count === undefined || atMost(total - survivors.length, total, wanted / 100) < 0.001);
process.exitCode = isBad ? 1 : 0;
