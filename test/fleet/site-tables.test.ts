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
