// `npm run bench`: everything that docs/performance.md claims, measured side by side in one run.
// `npm run bench -- 100` takes a hundredth of the sites, to see that it works.
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, tmpdir, totalmem, loadavg } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { helm, kustomize } from './peers.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const divisor = Number(process.argv[2] ?? 1);
const scaled = (sites) => Math.max(4, Math.round(sites / divisor));
const [S, M, L] = [scaled(1000), scaled(2000), scaled(10_000)];
const PEER_SITES = scaled(100);

execFileSync(process.execPath, [join(here, '../scripts/build.mjs')], { stdio: 'inherit' });
const root = mkdtempSync(join(tmpdir(), 'edge-constructs-bench-'));
const rows = [];
const limits = [];

/** Runs one case in a process of its own; resolves to undefined when it was stopped. */
function run(what, sites, folder, signal) {
  let resolve, reject;
  const promise = new Promise((yes, no) => ([resolve, reject] = [yes, no]));
  const child = spawn(process.execPath, [join(here, 'measure.mjs'), what, String(sites), folder], { signal });
  let [out, err] = ['', ''];
  child.stdout.on('data', (text) => (out += text));
  child.stderr.on('data', (text) => (err += text));
  child.on('error', (error) => (error.name === 'AbortError' ? undefined : reject(error)));
  child.on('close', (code) => {
    if (signal?.aborted) resolve(undefined);
    else if (code === 0) resolve(JSON.parse(out));
    else reject(new Error(`${what}: ${err.slice(0, 2000)}`));
  });
  return promise;
}

const newFolder = () => mkdtempSync(join(root, 'run-'));

function note(what, sites, { ms, cpuMs, rssMiB }) {
  rows.push([what, sites, seconds(ms), seconds(cpuMs), (ms / sites).toFixed(2), rssMiB]);
}

async function measure(what, sites, folder = newFolder(), keep = false) {
  process.stderr.write(`${what} with ${sites} sites...\n`);
  const result = await run(what, sites, folder);
  process.stderr.write(`  ${JSON.stringify(result)}\n`);
  note(what, sites, result);
  if (!keep) rmSync(folder, { recursive: true, force: true });
  return { ...result, folder };
}

/**
 * A case, and beside it, for as long as it takes, another one again and again: what a machine can do changes from one
 * minute to the next, and so both see the same. Of the other, the mean.
 */
async function sideBySide([what, sites], [other, otherSites]) {
  process.stderr.write(`${what} with ${sites} sites beside ${other} with ${otherSites}...\n`);
  const ended = new AbortController();
  const results = [];
  const others = (async () => {
    while (!ended.signal.aborted || results.length === 0) {
      const folder = newFolder();
      const result = await run(other, otherSites, folder, results.length === 0 ? undefined : ended.signal);
      rmSync(folder, { recursive: true, force: true });
      if (result !== undefined) results.push(result);
    }
  })();
  const folder = newFolder();
  const one = await run(what, sites, folder).finally(() => ended.abort());
  await others;
  rmSync(folder, { recursive: true, force: true });
  const mean = (of) => results.reduce((sum, result) => sum + of(result), 0) / results.length;
  const theOther = {
    ms: mean(({ ms }) => ms),
    cpuMs: mean(({ cpuMs }) => cpuMs),
    rssMiB: Math.round(mean(({ rssMiB }) => rssMiB)),
  };
  process.stderr.write(`  ${JSON.stringify(one)}\n  ${results.length} times, mean ${JSON.stringify(theOther)}\n`);
  note(what, sites, one);
  note(`${other}, mean of ${results.length} beside it`, otherSites, theOther);
  return [one, theOther];
}

const seconds = (ms) => (ms / 1000).toFixed(2);
const limit = (what, value, bound, isFine) => limits.push([what, value, bound, isFine ? 'yes' : '**no**']);
const atMost = (what, value, bound, digits = 2) =>
  limit(what, value.toFixed(digits), `at most ${bound}`, value <= bound);
const atLeast = (what, value, bound) => limit(what, value.toFixed(1), `at least ${bound}`, value >= bound);

try {
  const stock = await measure('stock', S);
  const tree = await measure('fleet-app', S);
  atLeast(`App.synth / FleetApp.synth, ${S} sites`, stock.cpuMs / tree.cpuMs, 20);

  const small = await measure('fleet', S, undefined, true);
  const siteFolder = join(small.folder, 'dist/sites/site-00000');
  const perSite = small.ms / S;
  const byKustomize = kustomize(siteFolder, mkdtempSync(join(root, 'kustomize-')), PEER_SITES);
  const byHelm = helm(siteFolder, mkdtempSync(join(root, 'helm-')), Math.min(20, PEER_SITES));
  for (const [tool, ms] of [
    ['kubectl kustomize', byKustomize],
    ['helm template', byHelm],
  ]) {
    if (ms === undefined) limit(`${tool}, ms a site`, 'not on PATH', 'more than a fleet takes', true);
    else limit(`${tool}, ms a site`, ms.toFixed(1), `more than a fleet takes: ${perSite.toFixed(1)}`, ms > perSite);
  }
  rmSync(small.folder, { recursive: true, force: true });

  const isLinear = async (what, name, large, less) => {
    const [one, other] = await sideBySide([what, large], [what, less]);
    atMost(`${name}time ratio / size ratio, ${less} to ${large} sites`, one.cpuMs / other.cpuMs / (large / less), 1.1);
    return one;
  };
  await isLinear('fleet', '', M, S);
  const large = await isLinear('fleet', '', L, S);
  limit(`peak memory, ${L} sites, MiB`, large.rssMiB, 'less than 1024', large.rssMiB < 1024);

  const [fleet, json] = await sideBySide(['fleet', L], ['json', L]);
  atMost(`rendering / JSON.stringify, ${L} sites`, (fleet.cpuMs - fleet.constructCpuMs) / json.cpuMs, 4);
  limit(
    `constructing and rendering / JSON.stringify, ${L} sites`,
    (fleet.cpuMs / json.cpuMs).toFixed(2),
    'for information',
    true,
  );

  const full = await measure('fleet-remembering', L, undefined, true);
  const changed = await measure('fleet-one-changed', L, full.folder);
  atMost(`one site changed / full run, ${L} sites`, changed.cpuMs / full.cpuMs, 0.1, 3);
  limit('files written when one site changed', changed.written, 'those of one site: 1', changed.written === 1);

  await isLinear('chains-of-50', 'chains of 50: ', L, S);
  const [longChain, chain] = await sideBySide(['chain-of-10000', 1], ['chain-of-5000', 1]);
  atMost('one chain of 5,000 to 10,000: time ratio / 2', longChain.cpuMs / chain.cpuMs / 2, 1.1);
} finally {
  rmSync(root, { recursive: true, force: true });
}

const table = (head, body) =>
  [head, head.map(() => '---'), ...body].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
const [cpu] = cpus();
console.log(
  `${cpu?.model ?? 'unknown processor'}, ${cpus().length} threads, ${Math.round(totalmem() / 2 ** 30)} GiB, ` +
    `Node ${process.version}, load ${loadavg()
      .map((load) => load.toFixed(1))
      .join(' ')} at the end\n`,
);
console.log(table(['measured', 'result', 'limit', 'kept'], limits));
console.log(`\n${table(['case', 'sites', 'wall s', 'processor s', 'wall ms a site', 'peak MiB'], rows)}`);
process.exitCode = limits.every(([, , , isFine]) => isFine === 'yes') ? 0 : 1;
