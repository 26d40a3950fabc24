import { read } from './site-files';
import { removeTempFolders } from './support';

afterEach(removeTempFolders);

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
      'a row behind one with a line end of Windows in it',
      '\ufeffname,region,values.n\r\nulm,a,"ä\r\ny"\r\n\r\nBerlin,b,c',
      /^a\.csv:5:1 /,
    ],
    ['a row with line ends of old', 'name,region\rulm,a\rBerlin,b\r', /^a\.csv:3:1 /],
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

describe('a table that cannot be read is told in words, where a person would look for it', () => {
  const DOUBLE = 'Put the whole field in quotes, and write each quote that belongs to it twice: "6"" pipe".';
  const BEHIND =
    'given text behind the quote that closes a field; allowed: nothing between that quote and the next comma or the end of the line.';
  const UNCLOSED =
    'given a quote that begins a field and is never closed; allowed: fields with a quote at both ends, or at none. Close the quote.';
  const MIDDLE = 'given a quote in the middle of a field; allowed: quotes around a whole field only.';
  const ROWS = 'allowed: rows of at most 64 KiB.';
  const FIELDS = 'allowed: rows of 3 fields, as many as the header names.';
  const many = 'x\n'.repeat(40_000);

  it.each<[string, string, string[]]>([
    [
      'rows that are too short and too long; the others are looked at',
      'name;region;ring\nulm;eu;1;2\n\njena\nBonn;eu;1\n',
      [
        `2:4: given a row of 4 fields; ${FIELDS} Remove what is too much; a field with a semicolon in it stands in quotes.`,
        `4:1: given a row of 1 field; ${FIELDS} Add what is missing, empty fields too: region, ring.`,
        "5:1 sites[0].name: given 'Bonn'; allowed: lower-case letters a-z, digits and hyphens, with a letter or digit at both ends (a DNS label). Rename it.",
      ],
    ],
    [
      'a comma in a field',
      'name,region\n"u\nlm",eu,north\n',
      [
        '2:3: given a row of 3 fields; allowed: rows of 2 fields, as many as the header names. Remove what is too much; a field with a comma in it stands in quotes.',
      ],
    ],
    ['a quote that nobody closes', 'name,region\na,"b\n\nc,d\n', [`2:2: ${UNCLOSED} ${DOUBLE}`]],
    ['one behind quotes of the field itself', 'name,region\na,"""b""\nc,d\n', [`2:2: ${UNCLOSED} ${DOUBLE}`]],
    ['one in the header', 'name,"region\na,b\n', [`1:2: ${UNCLOSED} ${DOUBLE}`]],
    ['one behind a line that says what separates', 'sep=;\nname;region\na;"b\n', [`3:2: ${UNCLOSED} ${DOUBLE}`]],
    ['a quote in the middle', 'name,region\r\n"x\r\ny",5" pipe\r\n', [`3:2: ${MIDDLE} ${DOUBLE}`]],
    ['text behind a quote', 'name,region\na,"b"c\n', [`2:2: ${BEHIND} ${DOUBLE}`]],
    ['text behind a quote and a space', 'name,region\na,"b" c\n', [`2:2: ${BEHIND} ${DOUBLE}`]],
    [
      'a quote that another row closes',
      'name,region\na,"b\nc,d\ne,"f"\n',
      [`4:2: ${BEHIND} ${DOUBLE} It begins on line 2: is the quote at its end missing?`],
    ],
    [
      'a quote that nobody closes in a large table',
      `name,region\na,b\nc,"d\n${many}`,
      [
        `3:2: given a field in quotes that has not ended after 64 KiB; ${ROWS} Close the quote, or put what is long into a YAML file.`,
      ],
    ],
    [
      'a row that is too large',
      `name,region\n"a\nb",${'x'.repeat(70_000)}\n`,
      [`3:2: given a row that has not ended after 64 KiB; ${ROWS} Shorten it, or put what is long into a YAML file.`],
    ],
  ])('%s', (_, text, lines) => {
    expect(read({ 'a.csv': text })).toEqual(lines.map((line) => `a.csv:${line}`));
  });
});

describe('numbers of a file', () => {
  const YAML_NUMBERS = 'numbers that stay as they are written.';

  it('are refused where they would be written back as others', () => {
    const text =
      'sites:\n  - name: shop\n    values: {iccid: 89490200001234567890, store: 0042, k8s: 1.30, hex: 0x1f, a: [1e400]}\n';
    const quotes = 'Put quotes around it if it is a string; a number is written';
    const digits = 'Put quotes around it: no number has that many digits.';
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
