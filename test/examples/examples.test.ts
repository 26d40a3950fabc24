import { ALL_EXAMPLES, exampleNames, runChangedExample, runExample } from '../support/examples';

jest.setTimeout(60_000);

let all: ReadonlyMap<string, string>;
beforeAll(() => {
  all = runExample(ALL_EXAMPLES);
});

test.each(exampleNames())('%s gives the same bytes alone and among the others', (example) => {
  const own = runExample(example);
  expect(own.size).toBeGreaterThan(0);
  for (const [file, text] of own) expect([file, all.get(file)]).toEqual([file, text]);
});

test('no output holds secret material', () => {
  for (const [file, text] of all) {
    expect([file, /-----BEGIN|PRIVATE KEY|\n {2}(data|stringData):\n {4}(password|token)/.exec(text)]).toEqual([
      file,
      null,
    ]);
  }
});

test('a site of the fleet grows by a node that is no server, and ends, by a change of its lines alone', () => {
  const files = runChangedExample('fleet.ts', 'fleet-sites.yaml', (sites) =>
    sites
      .replace('name: shop-munich\n', 'name: shop-munich\n    autonomyLevel: L3\n')
      .replace('      - name: shop-berlin-1\n', '$&        address: 192.168.10.10\n      - name: shop-berlin-2\n'),
  );
  expect(files.get('sites/shop-munich/cloud.k8s.yaml')).toContain('name: shop-munich-recycle-kins');
  const berlin = files.get('sites/shop-berlin/cloud.k8s.yaml');
  expect(berlin).toContain('- shop-berlin-2');
  expect(berlin).toContain('https://192.168.10.10:26443');
  expect(berlin).not.toContain('192.168.10.11');
});
