// Three runs of a fleet on a disk that is too small for the second: `full-run.ts <outdir>`. Tells what each run and the folder
// came to, as JSON.
import fs from 'node:fs';
import path from 'node:path';
import { ApiObject, Chart } from 'cdk8s';
import { Fleet, FleetApp } from '../../lib';
import { forgetWriters } from '../../lib/render/output-folder';

const [outdir = ''] = process.argv.slice(2);

function run(sites: readonly string[], size: number): string {
  forgetWriters();
  const app = new FleetApp({ outdir, readme: false });
  new Fleet(app, 'sites', {
    sites: sites.map((name) => ({ name })),
    build: (scope, { name }) => {
      const data = { [name]: 'x'.repeat(size) };
      new ApiObject(new Chart(scope, 'cloud'), 'x', { apiVersion: 'v1', kind: 'ConfigMap', data });
    },
  });
  try {
    app.synth();
    return 'written';
  } catch (error) {
    return (error as Error).message;
  }
}

function files(): readonly string[] {
  const all = fs.readdirSync(outdir, { recursive: true, encoding: 'utf8', withFileTypes: true });
  return all.filter((each) => each.isFile()).map((each) => `${path.relative(outdir, each.parentPath)}/${each.name} ${fs.statSync(path.join(each.parentPath, each.name)).size}`).sort(); // prettier-ignore
}

const told = [[run(['berlin', 'ulm'], 10), files()], [run(['berlin', 'jena', 'ulm'], 100_000), files()], [run(['berlin', 'jena'], 10), files()]]; // prettier-ignore
process.stdout.write(JSON.stringify(told));
