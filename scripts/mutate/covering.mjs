// Which unit tests run a script, the likeliest to notice a change first.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Device scripts are parts of one program each, so that no test names them: suites that are likely to notice a change. */
const DEVICE_PROGRAMS = [
  [/^approve/, ['serving-certificates']],
  [/^(decommission|mounts)/, ['decommissioning', 'power-cut']],
  [/^preflight/, ['preflight', 'provisioning']],
  [/^(files|say|lock|packages|remember|leftovers)/, ['provisioning', 'preflight', 'decommissioning', 'power-cut']],
  [/./, ['provisioning', 'preflight', 'supervisor', 'power-cut']],
];

/** Paths of the suites that run a script, in the order in which to try them. */
export function suitesOf(root, area, script) {
  const stem = script.slice(script.lastIndexOf('/') + 1, -'.sh'.length);
  if (area === 'device') {
    const [, names] = DEVICE_PROGRAMS.find(([pattern]) => pattern.test(stem));
    const likely = names.map((name) => `${name}.test.ts`);
    const others = suitesIn(join(root, 'test/device')).filter((suite) => !likely.includes(suite));
    return [...likely, ...others].map((suite) => `test/device/${suite}`);
  }
  const folder = 'test/kins/scripts';
  const all = suitesIn(join(root, folder));
  const programs = programsWith(join(root, 'lib/kins/scripts'), `${stem}.sh`);
  const text = (suite) => readFileSync(join(root, folder, suite), 'utf8');
  const covering = all.filter((suite) => programs.some((program) => text(suite).includes(`'${program}'`)));
  const first = programs.map((program) => program.replace(/\.sh$/, '.test.ts'));
  const rank = (suite) => (suite === `${stem}.test.ts` ? 0 : first.includes(suite) ? 1 : 2);
  return (covering.length > 0 ? covering : all).sort((a, b) => rank(a) - rank(b)).map((suite) => `${folder}/${suite}`);
}

const suitesIn = (folder) => readdirSync(folder).filter((name) => name.endsWith('.test.ts'));

/** A script and all that source it, by whatever way. */
function programsWith(folder, script) {
  const found = [script];
  const texts = readdirSync(folder)
    .filter((name) => name.endsWith('.sh'))
    .map((name) => [name, readFileSync(join(folder, name), 'utf8')]);
  for (const sourced of found) {
    const sources = (text) => text.split('\n').some((line) => /^\s*\. /.test(line) && line.includes(`/${sourced}"`));
    found.push(...texts.filter(([name, text]) => !found.includes(name) && sources(text)).map(([name]) => name));
  }
  return found;
}
