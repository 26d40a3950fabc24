// One measurement in a process of its own: `measure.mjs <case> <sites> <folder>`; prints one line of JSON.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import cdk8s from 'cdk8s';
import constructs from 'constructs';
import edge from '../build/index.js';
import { buildSite, declareSites } from './sites.mjs';

const { ApiObject, App, Chart } = cdk8s;
const { Construct } = constructs;
const { Fleet, FleetApp, FleetProgress } = edge;

const [name = '', sites = '0', folder = ''] = process.argv.slice(2);
const count = Number(sites);
const outdir = join(folder, 'dist');

/** Adds up wall time and processor time of the pieces of work that are measured. */
class Clock {
  ms = 0;
  cpuMs = 0;

  time(work) {
    const wall = performance.now();
    const cpu = process.cpuUsage();
    const result = work();
    const { user, system } = process.cpuUsage(cpu);
    this.ms += performance.now() - wall;
    this.cpuMs += (user + system) / 1000;
    return result;
  }
}

/** All sites in one tree, as an app without Fleet has them; only synthesis is timed. */
function synthTree(app) {
  const scope = new Construct(app, 'sites');
  for (const site of declareSites(count)) buildSite(new Construct(scope, site.name), site);
  const clock = new Clock();
  clock.time(() => app.synth());
  return clock;
}

/** A whole run of a fleet: declaring, checking, making constructs, rendering, writing. */
function synthFleet({ changed = -1, skipUnchanged } = {}) {
  const [clock, constructing] = [new Clock(), new Clock()];
  const sitesToDeclare = declareSites(count, changed);
  const result = clock.time(() => {
    const app = new FleetApp({ outdir, progress: FleetProgress.OFF });
    new Fleet(app, 'sites', {
      sites: sitesToDeclare,
      skipUnchanged,
      build: (scope, site) => constructing.time(() => buildSite(scope, site)),
    });
    return app.synthFiles();
  });
  return { ...clock, constructMs: constructing.ms, constructCpuMs: constructing.cpuMs, written: result.written.length };
}

function synthChains(length) {
  const app = new FleetApp({ outdir, progress: FleetProgress.OFF });
  const chainIn = (scope) => {
    const chart = new Chart(scope, 'chain');
    let last;
    for (let i = 0; i < length; i++) {
      const metadata = { name: `${scope.node.id || 'one'}-${i}` };
      const next = new ApiObject(chart, `o${i}`, { apiVersion: 'v1', kind: 'ConfigMap', metadata });
      last?.addDependency(next);
      last = next;
    }
  };
  const clock = new Clock();
  clock.time(() => {
    if (count === 1) chainIn(app);
    else new Fleet(app, 'sites', { sites: declareSites(count).map((site) => ({ name: site.name })), build: chainIn });
    app.synth();
  });
  return clock;
}

/** The same objects into the same number of files; only `JSON.stringify` and writing is timed. */
function writeJson() {
  const clock = new Clock();
  let bytes = 0;
  for (const site of declareSites(count)) {
    const app = new App({ outdir });
    const charts = buildSite(new Construct(new Construct(app, 'sites'), site.name), site).map((chart) =>
      chart.toJson(),
    );
    clock.time(() => {
      const siteFolder = join(outdir, 'sites', site.name);
      mkdirSync(siteFolder, { recursive: true });
      charts.forEach((objects, i) => {
        const text = JSON.stringify(objects);
        bytes += text.length;
        writeFileSync(join(siteFolder, `${i}.json`), text);
      });
    });
  }
  return { ...clock, bytes };
}

const sources = [import.meta.dirname ?? new URL('.', import.meta.url).pathname];

const cases = {
  stock: () => synthTree(new App({ outdir })),
  'fleet-app': () => synthTree(new FleetApp({ outdir, progress: FleetProgress.OFF })),
  fleet: () => synthFleet(),
  'fleet-remembering': () => synthFleet({ skipUnchanged: { sources } }),
  'fleet-one-changed': () => synthFleet({ skipUnchanged: { sources }, changed: Math.floor(count / 2) }),
  json: writeJson,
  'chains-of-50': () => synthChains(50),
  'chain-of-5000': () => synthChains(5000),
  'chain-of-10000': () => synthChains(10000),
};

const run = cases[name];
if (run === undefined) throw new Error(`No such case: ${name}. There are ${Object.keys(cases).join(', ')}.`);
const result = run();
console.log(JSON.stringify({ ...result, rssMiB: Math.round(process.resourceUsage().maxRSS / 1024) }));
