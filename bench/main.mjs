// `npm run bench`: everything that docs/performance.md claims, measured side by side in one run.
// `npm run bench -- 100` takes a hundredth of the sites, to see that it works.
import { execFileSync, spawnSync } from 'node:child_process';
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

function measure(what, sites, folder = mkdtempSync(join(root, 'run-')), keep = false) {
  process.stderr.write(`${what} with ${sites} sites...\n`);
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [join(here, 'measure.mjs'), what, String(sites), folder],
    {
      encoding: 'utf8',
      maxBuffer: 2 ** 26,
    },
  );
  if (status !== 0) throw new Error(`${what}: ${stderr.slice(0, 2000)}`);
  const result = JSON.parse(stdout);
  const { ms, cpuMs, rssMiB } = result;
  rows.push([what, sites, seconds(ms), seconds(cpuMs), (ms / sites).toFixed(2), rssMiB]);
  process.stderr.write(`  ${stdout}`);
  if (!keep) rmSync(folder, { recursive: true, force: true });
  return { ...result, folder };
}

const seconds = (ms) => (ms / 1000).toFixed(2);
const limit = (what, value, bound, isFine) => limits.push([what, value, bound, isFine ? 'yes' : '**no**']);
const atMost = (what, value, bound, digits = 2) =>
  limit(what, value.toFixed(digits), `at most ${bound}`, value <= bound);
const atLeast = (what, value, bound) => limit(what, value.toFixed(1), `at least ${bound}`, value >= bound);

try {
  const stock = measure('stock', S);
  const tree = measure('fleet-app', S);
  atLeast(`App.synth / FleetApp.synth, ${S} sites`, stock.cpuMs / tree.cpuMs, 20);

  const small = measure('fleet', S, undefined, true);
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

  const medium = measure('fleet', M);
  const large = measure('fleet', L);
  atMost(`time ratio / size ratio, ${S} to ${M} sites`, medium.cpuMs / small.cpuMs / (M / S), 1.1);
  atMost(`time ratio / size ratio, ${S} to ${L} sites`, large.cpuMs / small.cpuMs / (L / S), 1.1);
  limit(`peak memory, ${L} sites, MiB`, large.rssMiB, 'less than 1024', large.rssMiB < 1024);
  const json = measure('json', L);
  atMost(`rendering / JSON.stringify, ${L} sites`, (large.cpuMs - large.constructCpuMs) / json.cpuMs, 4);
  limit(
    `constructing and rendering / JSON.stringify, ${L} sites`,
    (large.cpuMs / json.cpuMs).toFixed(2),
    'for information',
    true,
  );

  const full = measure('fleet-remembering', L, undefined, true);
  const changed = measure('fleet-one-changed', L, full.folder);
  atMost(`one site changed / full run, ${L} sites`, changed.cpuMs / full.cpuMs, 0.1, 3);
  limit('files written when one site changed', changed.written, 'those of one site: 1', changed.written === 1);

  const chains = measure('chains-of-50', S);
  const manyChains = measure('chains-of-50', L);
  atMost(`chains of 50: time ratio / size ratio, ${S} to ${L} sites`, manyChains.cpuMs / chains.cpuMs / (L / S), 1.1);
  const chain = measure('chain-of-5000', 1);
  const longChain = measure('chain-of-10000', 1);
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
