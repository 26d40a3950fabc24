// Mutation tests: npm run mutate -- AREA [--sample N] [--seed S] [--at-least PERCENT]
//   AREA     kins-scripts, device-scripts, kins, device or pulumi
//   sample   so many mutants (of TypeScript: pieces of eight lines), chosen by the seed; without it all, which takes hours
import { parseArgs } from 'node:util';
import { mutateShell } from './mutate/shell.mjs';
import { mutateTypeScript } from './mutate/typescript.mjs';

const AREAS = {
  'kins-scripts': (options) => mutateShell('kins', options),
  'device-scripts': (options) => mutateShell('device', options),
  kins: (options) => mutateTypeScript('kins', options),
  device: (options) => mutateTypeScript('device', options),
  pulumi: (options) => mutateTypeScript('pulumi', options),
};

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    sample: { type: 'string' },
    seed: { type: 'string', default: '1' },
    'at-least': { type: 'string', default: '0' },
  },
});
const [area] = positionals;
const numbers = [values.sample ?? '1', values.seed, values['at-least']];
if (positionals.length !== 1 || !Object.hasOwn(AREAS, area) || !numbers.every((text) => /^\d+$/.test(text))) {
  process.stderr.write(
    `usage: npm run mutate -- AREA [--sample N] [--seed S] [--at-least PERCENT]\nAREA: ${Object.keys(AREAS).join(', ')}\n`,
  );
  process.exit(2);
}

const count = values.sample === undefined ? undefined : Number(values.sample);
const { total, of, survivors } = AREAS[area]({ count, seed: Number(values.seed) });
const score = total === 0 ? 100 : ((total - survivors.length) / total) * 100;
process.stdout.write(
  `\n${area}: ${total - survivors.length} of ${total} mutants caught (${score.toFixed(1)} %), seed ${values.seed}, ${of} in all\n`,
);
for (const { script, line, what } of survivors) process.stdout.write(`  survived: ${script}:${line} ${what}\n`);
process.exitCode = score < Number(values['at-least']) ? 1 : 0;
