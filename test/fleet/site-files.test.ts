import { type Site } from '../../lib';
import { CSV, JSON_TEXT, read, YAML } from './site-files';
import { removeTempFolders } from './support';

afterEach(removeTempFolders);

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
