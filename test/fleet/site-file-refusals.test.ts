import fc from 'fast-check';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { CSV, JSON_TEXT, read, readPaths, YAML } from './site-files';
import { removeTempFolders, tempFolder } from './support';
import { runs } from '../support/sample';

afterEach(removeTempFolders);

const NAME =
  'lower-case letters a-z, digits and hyphens, with a letter or digit at both ends (a DNS label). Rename it.';
const TOP = 'a map with sites, defaults, templates, regions, rings. Put the sites under sites:.';
const ANCHORS =
  'YAML without anchors and aliases. Use defaults, templates, regions or rings for what sites have in common.';

const DEEP =
  'given lists and maps in each other, more than 60 deep; allowed: up to 60 of them. Make it flatter. Is there a bracket that should have been closed before?';

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
        `a.json:3:3 sites[1].name: given 7; allowed: ${NAME.replace('Rename it.', 'Put quotes around it: without them it is a number, not a string.')}`,
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
      ['a.json:1:27: given duplicated mapping key; allowed: valid JSON. Correct the file.'],
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
    ['JSON nested too deep', 'a.json', `${'['.repeat(100_000)}${']'.repeat(100_000)}`, [`a.json:1:60: ${DEEP}`]],
    ['YAML nested too deep', 'a.yaml', '- '.repeat(100_000), [`a.yaml:1:121: ${DEEP}`]],
    [
      'a column nested too deep',
      'a.csv',
      `name,values.${'a.'.repeat(30_000)}b\nx,1\n`,
      [
        expect.stringMatching(
          /^a\.csv:1:2: given column 'values\.a\..*, a name of 30002 parts; allowed: values nested at most 32 levels deep\. Make it flatter: each dot is a level\.$/,
        ) as never,
      ],
    ],
    [
      'values nested too deep',
      'a.yaml',
      `sites: [{name: a, values: {a: ${'['.repeat(40)}${']'.repeat(40)}}}]`,
      [
        expect.stringMatching(
          /^a\.yaml:1:\d+ sites\[0\]\.values\.a.*: given a list of 1; allowed: values nested at most 32 levels deep\. Make it flatter\.$/,
        ) as never,
      ],
    ],
    [
      'a key that would set a prototype',
      'a.json',
      '{"sites": [{"name": "a", "values": {"x": {"__proto__": {"polluted": true}}}}]}',
      [
        `a.json:1:37 sites[0].values.x key: given '__proto__'; allowed: any other name. Rename it: programs that read it may mistake it for something else.`,
      ],
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
      'b.yaml: given not a regular file; allowed: a file. Name a file.',
      'c.yaml: given 1073741824 bytes; allowed: at most 8 MiB per file. Split the sites over several files.',
      'd.json: given no such file; allowed: a file that can be read. Check the name; it is relative to the working directory.',
    ]);
    expect(process.memoryUsage.rss() - before).toBeLessThan(200 * 2 ** 20);
  });

  it('when it is a device that never ends', () => {
    const folder = tempFolder();
    fs.symlinkSync('/dev/zero', path.join(folder, 'a.yaml'));
    expect(readPaths([path.join(folder, 'a.yaml')], folder)).toEqual([
      'a.yaml: given not a regular file; allowed: a file. Name a file.',
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
              new RegExp(`^${name}.*: given .+; allowed: .+|^site .+: given|^ +(The same|The full list|\\.\\.\\. and)`),
            );
          else expect(each.name).toMatch(/^[a-z0-9-]+$/);
        }
        removeTempFolders();
      }),
      { numRuns: runs(1500) },
    );
  });
});
