import fc from 'fast-check';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { Chart } from 'cdk8s';
import { EdgeConstructsError, Fleet, FleetApp, type Site } from '../../lib';
import { problemsOf } from '../support/refusals';
import { filesIn, removeTempFolders, tempFolder } from './support';

afterEach(removeTempFolders);

/** The sites of a fleet that reads these files, or the lines of its error; file names without their folder. */
function read(files: Record<string, string | Buffer>): readonly Site[] | string[] {
  const folder = tempFolder();
  for (const [name, content] of Object.entries(files)) fs.writeFileSync(path.join(folder, name), content);
  return readPaths(
    Object.keys(files).map((name) => path.join(folder, name)),
    folder,
  );
}

function readPaths(paths: string[], folder: string): readonly Site[] | string[] {
  const app = new FleetApp({ outdir: path.join(folder, 'dist') });
  try {
    return new Fleet(app, 'sites', { files: paths, build: (scope) => new Chart(scope, 'c') }).sites;
  } catch (error) {
    const problems = problemsOf(error);
    expect(filesIn(app.outdir)).toEqual({});
    return problems.map((line) => line.replaceAll(`${folder}/`, ''));
  }
}

const YAML = `
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
const JSON_TEXT = `{
\t"defaults": {"autonomyLevel": "L4"},
  "templates": {"shop": {"labels": {"tier": "retail"}}},
  "sites": [
    {"name": "berlin", "template": "shop", "region": "eu", "nodes": [{"name": "b1", "address": "192.168.1.10"}], "values": {"tills": 4}},
    {"name": "paris", "nodes": [{"name": "p1"}, {"name": "p2"}]}
  ]
}`;
const CSV = `name,region,autonomyLevel,nodes,labels.tier,values.tills
berlin,eu,L4,b1=192.168.1.10,retail,4
paris,,L4,p1 p2,,
`;

describe('site files', () => {
  const of = (sites: readonly Site[] | string[]): unknown =>
    (sites as readonly Site[]).map(({ name, region, autonomyLevel, nodes, labels, values }) => ({
      name,
      region,
      autonomyLevel,
      nodes,
      labels,
      values,
    }));

  it('say the same in YAML, JSON and CSV', () => {
    const expected = [
      {
        name: 'berlin',
        region: 'eu',
        autonomyLevel: 'L4',
        nodes: [{ name: 'b1', address: '192.168.1.10' }],
        labels: { tier: 'retail' },
        values: { tills: 4 },
      },
      {
        name: 'paris',
        region: undefined,
        autonomyLevel: 'L4',
        nodes: [{ name: 'p1' }, { name: 'p2' }],
        labels: {},
        values: {},
      },
    ];
    expect(of(read({ 'a.yaml': YAML }))).toEqual(expected);
    expect(of(read({ 'a.json': JSON_TEXT }))).toEqual(expected);
    // A table has texts only.
    expect(of(read({ 'a.csv': CSV }))).toEqual([{ ...expected[0], values: { tills: '4' } }, expected[1]]);
  });

  it('may start with a byte order mark and end lines as Windows does', () => {
    const windows = (text: string): string => `\ufeff${text.replaceAll('\n', '\r\n')}`;
    expect(of(read({ 'a.yml': windows(YAML) }))).toEqual(of(read({ 'a.yml': YAML })));
    expect(of(read({ 'a.JSON': windows(JSON_TEXT) }))).toEqual(of(read({ 'a.json': JSON_TEXT })));
    expect(of(read({ 'a.csv': windows(CSV) }))).toEqual(of(read({ 'a.csv': CSV })));
  });

  it('add up: templates of one, sites of others', () => {
    const sites = read({
      'a.yaml': 'templates: {t: {values: {x: 1}}}',
      'b.csv': 'name,template\none,t',
      'c.json': '{"sites": [{"name": "two"}]}',
    });
    expect(of(sites)).toMatchObject([
      { name: 'one', values: { x: 1 } },
      { name: 'two', values: {} },
    ]);
  });
});

const NAME =
  'lower-case letters a-z, digits and hyphens, with a letter or digit at both ends (a DNS label). Rename it.';
const TOP = 'a map with sites, defaults, templates, regions, rings. Put the sites under sites:.';
const ANCHORS =
  'YAML without anchors and aliases. Use defaults, templates, regions or rings for what sites have in common.';

describe('a site file is refused', () => {
  const rows: [string, string, string | Buffer, string[]][] = [
    [
      'a bad name in YAML',
      'a.yaml',
      'sites:\n  - name: ok\n  - region: eu\n    name: "Not ok"\n',
      [`a.yaml:4:5 sites[1].name: given 'Not ok'; allowed: ${NAME}`],
    ],
    [
      'a bad name in JSON',
      'a.json',
      '{"sites": [\n  {"name": "ok"},\n\t{"name": 7}]}',
      [
        `a.json:3:3 sites[1].name: given 7; allowed: ${NAME.replace('Rename it.', 'Put quotes around it: without them it is a number, not a text.')}`,
      ],
    ],
    [
      'a bad name in CSV',
      'a.csv',
      'region,name\neu,ok\n\neu,"Not\nok"\n',
      [`a.csv:4:2 sites[1].name: given 'Not\\u{a}ok'; allowed: ${NAME}`],
    ],
    [
      'a name that looks like another',
      'a.yaml',
      'sites: [{name: bеrlin}]',
      [`a.yaml:1:10 sites[0].name: given 'b\\u{435}rlin'; allowed: ${NAME}`],
    ],
    ['no name', 'a.yaml', 'sites:\n  - region: eu\n', [`a.yaml:2:5 sites[0].name: given nothing; allowed: ${NAME}`]],
    [
      'a misspelt key deep inside',
      'a.yaml',
      'templates:\n  shop.eu: {}\n  shop:\n    nodes:\n      - nam: x\n',
      [
        `a.yaml:1:1 templates key: given 'shop.eu'; allowed: ${NAME}`,
        "a.yaml:5:9 templates.shop.nodes[0].nam: given 'x'; allowed: only name, address. There is no such prop. Did you mean name?",
        'a.yaml:5:9 templates.shop.nodes[0].name: given nothing; allowed: lower-case letters a-z, digits, hyphens and dots, with a letter or digit at both ends of every part (a DNS subdomain). Rename it.',
      ],
    ],
    [
      'a key given twice in YAML',
      'a.yaml',
      'sites:\n  - name: a\n    name: b\n',
      ['a.yaml:3:5: given duplicated mapping key; allowed: valid YAML. Correct the file.'],
    ],
    [
      'a key given twice in JSON',
      'a.json',
      '{"sites": [{"name": "a", "name": "b"}]}',
      ['a.json:1:27: given duplicated mapping key; allowed: valid YAML. Correct the file.'],
    ],
    [
      'YAML that does not parse',
      'a.yaml',
      'sites:\n  - name: [a\n',
      [expect.stringMatching(/^a\.yaml:3:1: given .*; allowed: valid YAML\. Correct the file\.$/) as never],
    ],
    [
      'JSON that does not parse',
      'a.json',
      '{"sites": [\n{"name": "a",}]}',
      [
        expect.stringMatching(
          /^a\.json:2:14: given text that is not JSON from here on; allowed: valid JSON\. /,
        ) as never,
      ],
    ],
    ['an anchor', 'a.yaml', 'sites:\n  - &x {name: a}\n', [`a.yaml:2:5: given '&x'; allowed: ${ANCHORS}`]],
    [
      'a bomb of aliases',
      'a.yaml',
      `a: &a [x,x]\nb: &b [*a,*a]\nc: [*b,*b]`,
      [`a.yaml:1:4: given '&a'; allowed: ${ANCHORS}`],
    ],
    ['a cycle', 'a.yaml', 'sites: &s [*s]', [`a.yaml:1:8: given '&s'; allowed: ${ANCHORS}`]],
    [
      'a tag that makes things',
      'a.yaml',
      'sites: !!js/function "x"',
      [expect.stringMatching(/^a\.yaml:1:\d+: given .*tag.*; allowed: valid YAML\./) as never],
    ],
    [
      'two documents',
      'a.yaml',
      'sites: []\n---\nsites: []\n',
      ['a.yaml: given 2 documents; allowed: one YAML document a file. Remove the lines ---, or split the file.'],
    ],
    ['a list', 'a.yaml', '- name: a\n', [`a.yaml:1:1: given a list; allowed: ${TOP}`]],
    ['a text', 'a.yaml', 'hello', [`a.yaml:1:1: given a string; allowed: ${TOP}`]],
    ['nothing but null', 'a.json', 'null', [`a.json:1:1: given nothing; allowed: ${TOP}`]],
    [
      'an empty table',
      'a.csv',
      '\n',
      [expect.stringMatching(/^a\.csv: given nothing; allowed: a header line and a line for each site\./) as never],
    ],
    [
      'an unknown column',
      'a.csv',
      'name,adress\na,b\n',
      [
        expect.stringMatching(
          /^a\.csv:1:2: given column 'adress'; allowed: columns name, template, .*\. Rename or remove the column\.$/,
        ) as never,
      ],
    ],
    [
      'a column twice',
      'a.csv',
      'name,region,name\n',
      [
        "a.csv:1:3: given column 'name'; allowed: each column once; it is already column 1. Rename or remove the column.",
      ],
    ],
    [
      'a row that is too short',
      'a.csv',
      'name,region\na\n',
      [
        expect.stringMatching(
          /^a\.csv:2:\d+: given a table that cannot be read; allowed: comma-separated values, .*Invalid Record Length/,
        ) as never,
      ],
    ],
    [
      'a quote that never ends',
      'a.csv',
      `name\n"${'x'.repeat(200_000)}`,
      [
        expect.stringMatching(
          /^a\.csv:\d+:\d+: given a table that cannot be read; allowed: comma-separated values, at most 64 KiB a line\./,
        ) as never,
      ],
    ],
    [
      'bytes that are no UTF-8',
      'a.yaml',
      Buffer.from([0x73, 0xff, 0xfe]),
      ['a.yaml: given bytes that are not UTF-8; allowed: text in UTF-8. Save it as UTF-8.'],
    ],
    [
      'UTF-16',
      'a.csv',
      Buffer.from('name\na', 'utf16le'),
      [
        'a.csv: given a NUL character at offset 1; allowed: text in UTF-8. Save it as UTF-8; UTF-16 has such characters.',
      ],
    ],
    [
      'another kind of file',
      'a.toml',
      'x = 1',
      ["a.toml: given '.toml'; allowed: files named .yaml, .yml, .json, .csv. Rename or convert it."],
    ],
    [
      'nesting that would overflow a stack',
      'a.json',
      '['.repeat(1_000_000),
      [expect.stringMatching(/^a\.json:1:\d+: given text that is not JSON/) as never],
    ],
    [
      'JSON nested too deep',
      'a.json',
      `${'['.repeat(5000)}${']'.repeat(5000)}`,
      [expect.stringMatching(/^a\.json:1:\d+: given nesting exceeded maxDepth \(60\); allowed: valid YAML\./) as never],
    ],
    [
      'YAML nested too deep',
      'a.yaml',
      '- '.repeat(100_000),
      [expect.stringMatching(/^a\.yaml:1:\d+: given nesting exceeded maxDepth \(60\); allowed: valid YAML\./) as never],
    ],
    [
      'values nested too deep',
      'a.yaml',
      `sites: [{name: a, values: {a: ${'['.repeat(40)}${']'.repeat(40)}}}]`,
      [
        expect.stringMatching(
          /^a\.yaml:1:\d+ sites\[0\]\.values\.a.*: given a list of 1; allowed: values nested up to 32 deep\. Make it flatter\.$/,
        ) as never,
      ],
    ],
    [
      'a key that would set a prototype',
      'a.json',
      '{"sites": [{"name": "a", "values": {"x": {"__proto__": {"polluted": true}}}}]}',
      [expect.stringMatching(/^a\.json:1:37 sites\[0\]\.values\.x: given .*; allowed: texts, numbers/) as never],
    ],
  ];

  it.each(rows)('for %s', (_, name, content, lines) => {
    expect(read({ [name]: content })).toEqual(lines);
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });

  it('when it is not there, is a folder, cannot be read or is too large: without reading it', () => {
    const folder = tempFolder();
    fs.mkdirSync(path.join(folder, 'b.yaml'));
    fs.closeSync(fs.openSync(path.join(folder, 'c.yaml'), 'w'));
    // One line of 1 GB that takes no space on disk.
    fs.truncateSync(path.join(folder, 'c.yaml'), 2 ** 30);
    const before = process.memoryUsage.rss();
    expect(
      readPaths(
        ['a.yaml', 'b.yaml', 'c.yaml', 'd.json'].map((name) => path.join(folder, name)),
        folder,
      ),
    ).toEqual([
      'a.yaml: given no such file; allowed: a file that can be read. Check the name; it is relative to the working directory.',
      'b.yaml: given no regular file; allowed: a file. Name a file.',
      'c.yaml: given 1073741824 bytes; allowed: at most 8 MiB a file. Split the sites over several files.',
      'd.json: given no such file; allowed: a file that can be read. Check the name; it is relative to the working directory.',
    ]);
    expect(process.memoryUsage.rss() - before).toBeLessThan(200 * 2 ** 20);
  });

  it('when it is a device that never ends', () => {
    const folder = tempFolder();
    fs.symlinkSync('/dev/zero', path.join(folder, 'a.yaml'));
    expect(readPaths([path.join(folder, 'a.yaml')], folder)).toEqual([
      'a.yaml: given no regular file; allowed: a file. Name a file.',
    ]);
  });

  it('whatever stands in it: with clear problems of that file, or not at all', () => {
    const crumb = fc.constantFrom(
      ...[
        'sites:',
        '- ',
        '  ',
        'name: a',
        'name',
        '\n',
        ': ',
        '[',
        ']',
        '{',
        '}',
        ',',
        '"',
        "'",
        '&a',
        '*a',
        '!!',
        '|',
        '>',
        '#',
        '---',
        '?',
        '\t',
        '%',
        '\\',
        '=',
        ';',
      ],
      ...[
        'defaults',
        'templates',
        'nodes',
        'values',
        '__proto__',
        'constructor',
        'null',
        '1e999',
        '\u0000',
        '\ufeff',
        '\u2028',
        'é',
        '0x1',
        '~',
        '<<: ',
      ],
    );
    const broken = (text: string): fc.Arbitrary<string> =>
      fc
        .tuple(fc.nat(text.length), fc.nat(8), crumb)
        .map(([at, cut, put]) => text.slice(0, at) + put + text.slice(at + cut));
    const content = fc.oneof(
      fc.array(crumb, { maxLength: 30 }).map((crumbs) => crumbs.join('')),
      fc.constantFrom(YAML, JSON_TEXT, CSV).chain(broken),
      fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes)),
      fc.json(),
    );
    fc.assert(
      fc.property(fc.constantFrom('a.yaml', 'a.json', 'a.csv'), content, (name, text) => {
        const found = read({ [name]: text });
        for (const each of found) {
          if (typeof each === 'string')
            expect(each).toMatch(
              new RegExp(`^${name}.*: given .+; allowed: .+|^site .+: given|^ +(The same|All of them|\\.\\.\\. and)`),
            );
          else expect(each.name).toMatch(/^[a-z0-9-]+$/);
        }
        removeTempFolders();
      }),
      { numRuns: 1500 },
    );
  });
});

describe('tables as spreadsheets write them', () => {
  const csv = (text: string): unknown => {
    const found = read({ 'a.csv': text });
    return found.map((each) => (typeof each === 'string' ? each : [each.name, each.region, each.nodes, each.values]));
  };
  const berlin = ['berlin', 'north', [{ name: 'b1', address: '10.0.0.1' }, { name: 'b2' }], {}];

  it.each([
    ['semicolons', '\ufeffname;region;nodes\r\nberlin;north;b1=10.0.0.1 b2\r\n'],
    ['tabs', 'name\tregion\tnodes\nberlin\tnorth\tb1=10.0.0.1 b2\n'],
    ['a line that says what separates', 'sep=;\r\nname;region;nodes\r\nberlin;north;b1=10.0.0.1 b2\r\n'],
    ['rows that have been emptied', 'name,region,nodes\r\n,,\r\nberlin,north,b1=10.0.0.1 b2\r\n , ,\r\n,,\r\n'],
    ['columns that have been emptied', 'name,,region,nodes,,\r\nberlin,,north,b1=10.0.0.1 b2,,\r\n'],
    ['nodes on lines of their own', 'name,region,nodes\r\nberlin,north,"b1=10.0.0.1\r\nb2"\r\n'],
    ['nodes with commas between them', 'name,region,nodes\nberlin,north,"b1=10.0.0.1, b2"\n'],
    ['a separator behind the last node', 'name,region,nodes\nberlin,north,b1 = 10.0.0.1; b2;\n'],
  ])('may have %s', (_, text) => {
    expect(csv(text)).toEqual([berlin]);
  });

  it('have values within values, as YAML has', () => {
    expect(csv('name,values.pos.port,values.pos.host,values.x\nberlin,8080,till,\n')).toEqual([
      ['berlin', undefined, [], { pos: { port: '8080', host: 'till' } }],
    ]);
    expect(csv('name,values.pos,values.pos.port\nberlin,1,2\n')).toEqual([
      "a.csv:1:3: given column 'values.pos.port'; allowed: values or maps; 'values.pos' is column 2, and cannot be both. Rename or remove the column.",
    ]);
  });

  it.each([
    [
      'a column in capitals',
      'Name,region\nberlin,north\n',
      /^a\.csv:1:1: given column 'Name'; .* Rename or remove the column\. Did you mean name\?$/,
    ],
    ['a column without a name', 'name,\nberlin,x\n', /^a\.csv:1:2: given column ''; allowed: columns name/],
    [
      'a record of two lines, told at its first',
      'name,region,values.n\nulm,a,"x\ny"\nberlin,North,"a\nb"\n',
      /^a\.csv:4:2 /,
    ],
    ['a line that says what separates, and a bad name behind it', 'sep=;\nname;region\nBerlin;north\n', /^a\.csv:3:1 /],
  ])('are refused for %s', (_, text, line) => {
    expect(csv(text)).toEqual([expect.stringMatching(line)]);
  });
});

describe('numbers of a file', () => {
  const YAML_NUMBERS = 'numbers that stay as they are written.';

  it('are refused where they would be written back as others', () => {
    const text =
      'sites:\n  - name: shop\n    values: {iccid: 89490200001234567890, store: 0042, k8s: 1.30, hex: 0x1f, a: [1e400]}\n';
    const quotes = 'Put quotes around it if it is a text; a number is written';
    const digits = 'Put quotes around it: no number has so many digits.';
    expect(read({ 'a.yaml': text })).toEqual([
      `a.yaml:3:21: given 89490200001234567890; allowed: ${YAML_NUMBERS} ${digits}`,
      `a.yaml:3:50: given 0042; allowed: ${YAML_NUMBERS} ${quotes} 42.`,
      `a.yaml:3:61: given 1.30; allowed: ${YAML_NUMBERS} ${quotes} 1.3.`,
      `a.yaml:3:72: given 0x1f; allowed: ${YAML_NUMBERS} ${quotes} 31.`,
      `a.yaml:3:82: given 1e400; allowed: ${YAML_NUMBERS} ${digits}`,
    ]);
    expect(read({ 'b.json': '{"sites":[{"name":"b","values":{"iccid":89490200001234567890}}]}' })).toEqual([
      `b.json:1:41: given 89490200001234567890; allowed: ${YAML_NUMBERS} ${digits}`,
    ]);
  });

  it('are taken where they stay what they are', () => {
    const values = { a: 0, b: -1.5, c: 9007199254740991, d: 0.1, e: 'x' };
    const yaml = `sites: [{name: a, values: {a: 0, b: -1.5, c: 9007199254740991, d: 0.1, e: x}}]`;
    const quoted = `sites: [{name: a, values: {a: "0042", b: '1.30', c: !!str 007}}]`;
    const json = '{"sites":[{"name":"a","values":{"a":0.0,"b":-1.50,"c":9007199254740991,"d":1e-1,"e":"x"}}]}';
    expect(read({ 'a.yaml': yaml })).toMatchObject([{ values }]);
    expect(read({ 'a.yaml': quoted })).toMatchObject([{ values: { a: '0042', b: '1.30', c: '007' } }]);
    expect(read({ 'a.json': json })).toMatchObject([{ values }]);
  });
});

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
      'a.yaml:2:5 sites[0].name -> Put quotes around it: without them it is a number, not a text.',
      'a.yaml:3:24 sites[1].labels.tier -> Put quotes around it: without them it is a number, not a text.',
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
    `    The same 8999 times more: ${file}:3:1 sites[1].name ('Site 1'), ${file}:4:1 sites[2].name ('Site 2'), and at 8997 other places`,
    ...Array.from({ length: 6 }, (): unknown => expect.anything()),
    `  All of them are in ${reportFile}.`,
  ]);
  expect((JSON.parse(fs.readFileSync(reportFile, 'utf8')) as { problems: unknown[] }).problems).toHaveLength(135000);
});
