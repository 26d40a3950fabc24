import { ALL_EXAMPLES, exampleNames, runExample } from '../support/examples';

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
