import * as fs from 'node:fs';
import * as path from 'node:path';
import { Chart } from 'cdk8s';
import { Fleet, FleetApp, type Site } from '../../lib';
import { problemsOf } from '../support/refusals';
import { filesIn, tempFolder } from './support';

/** The sites of a fleet that reads these files, or the lines of its error; file names without their folder. */
export function read(files: Record<string, string | Buffer>): readonly Site[] | string[] {
  const folder = tempFolder();
  for (const [name, content] of Object.entries(files)) fs.writeFileSync(path.join(folder, name), content);
  return readPaths(
    Object.keys(files).map((name) => path.join(folder, name)),
    folder,
  );
}

export function readPaths(paths: string[], folder: string): readonly Site[] | string[] {
  const app = new FleetApp({ outdir: path.join(folder, 'dist') });
  try {
    return new Fleet(app, 'sites', { files: paths, build: (scope) => new Chart(scope, 'c') }).sites;
  } catch (error) {
    const problems = problemsOf(error);
    expect(filesIn(app.outdir)).toEqual({});
    return problems.map((line) => line.replaceAll(`${folder}/`, ''));
  }
}

/** One fleet in three ways. */
export const YAML = `
defaults:
  autonomyLevel: L4
templates:
  shop:
    labels: {tier: retail}
sites:
  - name: berlin
    template: shop
    region: eu
    nodes:
      - name: b1
        address: 192.168.1.10
    values: {tills: 4}
  - name: paris
    nodes: [{name: p1}, {name: p2}]
`;
export const JSON_TEXT = `{
\t"defaults": {"autonomyLevel": "L4"},
  "templates": {"shop": {"labels": {"tier": "retail"}}},
  "sites": [
    {"name": "berlin", "template": "shop", "region": "eu", "nodes": [{"name": "b1", "address": "192.168.1.10"}], "values": {"tills": 4}},
    {"name": "paris", "nodes": [{"name": "p1"}, {"name": "p2"}]}
  ]
}`;
export const CSV = `name,region,autonomyLevel,nodes,labels.tier,values.tills
berlin,eu,L4,b1=192.168.1.10,retail,4
paris,,L4,p1 p2,,
`;
