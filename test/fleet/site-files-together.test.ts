import * as fs from 'node:fs';
import * as path from 'node:path';
import { EdgeConstructsError, Fleet, FleetApp } from '../../lib';
import { read } from './site-files';
import { removeTempFolders, tempFolder } from './support';

afterEach(removeTempFolders);

describe('a file is read once', () => {
  it('and all that is wrong in it, in others and between them comes in one error, with its place', () => {
    const files = {
      'a.yaml':
        'sites:\n  - name: 42\n  - {name: a, labels: {tier: 1}}\n  - {name: b, region:, nodes: [x]}\n  - {name: c, nodes: [{name: n}]}\n',
      'b.yaml': 'sites:\n  - {name: d, template: t}\n  - {name: c}\n  - {name: e, nodes: [{name: n}]}\n',
      'c.yaml': 'sites:\n',
    };
    const lines = read(files) as readonly string[];
    expect(lines.map((line) => line.replace(/: given.*?(?:; allowed: .*\. (?=[A-Z])|; allowed: )/, ' -> '))).toEqual([
      'a.yaml:2:5 sites[0].name -> Put quotes around it: without them it is a number, not a string.',
      'a.yaml:3:24 sites[1].labels.tier -> Put quotes around it: without them it is a number, not a string.',
      'a.yaml:4:15 sites[2].region -> Fill it in, or remove the line.',
      'a.yaml:4:32 sites[2].nodes[0] -> Write a map: { name: ... }.',
      'b.yaml:2:15 sites[0].template -> Declare it under templates, or name another.',
      'b.yaml:3:6 sites[1].name -> Rename one of the two.',
      'c.yaml:1:1 sites -> Fill it in, or remove the line.',
      'site e.nodes[0].name (b.yaml:4:24) -> Rename one of the two devices: host names are node names.',
    ]);
    expect(lines.at(-1)).toContain("'site c.nodes[0].name (a.yaml:5:24)' has it");
    expect(lines.find((line) => line.startsWith('c.yaml'))).toContain('given nothing;');
  });

  it('whatever it says of its schema', () => {
    expect(read({ 'a.json': '{"$schema": "./fleet.schema.json", "sites": [{"name": "shop"}]}' })).toMatchObject([
      { name: 'shop' },
    ]);
    expect(read({ 'a.json': '{"$schema": 1, "sites": []}' })).toHaveLength(1);
  });
});

it('a table with a hundred thousand problems tells them like any other, and short', () => {
  const columns = ['name', 'region', 'ring', ...Array.from({ length: 12 }, (_, i) => `labels.l${i}`)];
  const row = (i: number): string => `Site ${i},North ${i},Ring ${i},${Array(12).fill('a b').join(',')}`;
  const text = [columns.join(','), ...Array.from({ length: 9000 }, (_, i) => row(i))].join('\n');
  const folder = tempFolder();
  const file = path.join(folder, 'a.csv');
  fs.writeFileSync(file, text);
  const reportFile = path.join(folder, 'report.json');
  let error: unknown;
  try {
    new Fleet(new FleetApp({ outdir: path.join(folder, 'dist') }), 's', {
      files: [file],
      reportFile,
      build: () => undefined,
    });
  } catch (thrown) {
    error = thrown;
  }
  expect(error).toBeInstanceOf(EdgeConstructsError);
  const { problems, message } = error as EdgeConstructsError;
  expect(problems).toHaveLength(9000 * 15);
  expect(message.split('\n')).toEqual([
    "Fleet 's' has 135000 problems:",
    expect.stringContaining(`${file}:2:1 sites[0].name: given 'Site 0'; allowed: `),
    `    The same 8999 more times: ${file}:3:1 sites[1].name ('Site 1'), ${file}:4:1 sites[2].name ('Site 2'), and in 8997 other places`,
    ...Array.from({ length: 6 }, (): unknown => expect.anything()),
    `  The full list is in ${reportFile}.`,
  ]);
  expect((JSON.parse(fs.readFileSync(reportFile, 'utf8')) as { problems: unknown[] }).problems).toHaveLength(135000);
});
