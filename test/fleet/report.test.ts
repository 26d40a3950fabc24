import { ApiObject, Chart } from 'cdk8s';
import type { Construct } from 'constructs';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { Fleet } from '../../lib';
import { writeReport } from '../../lib/fleet/checks/report';
import { build, problemLines } from './sites';
import { removeTempFolders, tempFolder } from './support';

afterEach(removeTempFolders);

describe('the report of a fleet', () => {
  const chartOf = (scope: Construct): Chart => new Chart(scope, 'c');
  const thing = (scope: Construct, name: string, more: object = {}): ApiObject =>
    new ApiObject(chartOf(scope), 'x', {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name, namespace: 'ns' },
      ...more,
    });

  it('writes all problems as JSON, and none when there are none', () => {
    const reportFile = path.join(tempFolder(), 'out/report.json');
    const report = (): unknown => JSON.parse(fs.readFileSync(reportFile, 'utf8'));
    problemLines((app) => new Fleet(app, 'sites', { sites: [{ name: 'A' }, { name: 'B' }], build, reportFile }));
    expect(report()).toMatchObject({
      fleet: 'sites',
      problems: [{ field: 'sites[0].name', given: "'A'" }, { field: 'sites[1].name' }],
    });
    problemLines(
      (app) =>
        new Fleet(app, 'sites', {
          sites: [{ name: 'a' }, { name: 'b' }],
          build: (scope) => void thing(scope, 'same'),
          reportFile,
        }),
    );
    expect(report()).toMatchObject({ problems: [{ field: 'sites/b/c/x', given: 'ConfigMap ns/same' }] });
    problemLines(
      (app) =>
        new Fleet(app, 'sites', { sites: [{ name: 'a' }], build: (scope) => void thing(scope, 'x'), reportFile }),
    );
    expect(report()).toEqual({ fleet: 'sites', problems: [] });
  });
});

test.each([0, 1, 1000, 1001, 2500])('of %i problems it is JSON as it is written everywhere', (count) => {
  const file = path.join(tempFolder(), 'report.json');
  const problems = Array.from({ length: count }, (_, i) => ({
    field: `sites[${i}]`,
    given: "'\u2028 \n'",
    allowed: 'a "text"',
    remedy: 'Give one.',
  }));
  writeReport(file, 'sites', problems);
  expect(fs.readFileSync(file, 'utf8')).toBe(`${JSON.stringify({ fleet: 'sites', problems }, undefined, 2)}\n`);
});

test('it may be longer than any text of JavaScript', () => {
  const file = path.join(tempFolder(), 'report.json');
  const problem = { field: 'x'.repeat(256 * 1024), given: '', allowed: '', remedy: '' };
  writeReport(file, 'sites', new Array(2400).fill(problem));
  expect(fs.statSync(file).size).toBeGreaterThan(0x1fffffe8);
});
