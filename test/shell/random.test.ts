import { run, SHELLS } from './support/run';

describe.each(SHELLS)('in %s', (shell) => {
  const said = async (program: string): Promise<string> => (await run(shell, ['random'], program)).output;

  test.each([1, 16, 32])('%d bytes are twice as many digits, and others each time', async (bytes) => {
    const digits = (await said(`for i in 1 2 3 4; do random_hex ${String(bytes)}; echo; done`)).split('\n');
    for (const each of digits.slice(0, 4)) expect(each).toMatch(new RegExp(`^[0-9a-f]{${String(2 * bytes)}}$`));
    expect(new Set(digits).size).toBeGreaterThan(2);
  });

  test('digits that come again are not left out', async () => {
    const zeros = 'od() { command od "$1" "$2" "$3" "$4" "$5" /dev/zero; }';
    expect(await said(`${zeros}; random_hex 64`)).toBe('0'.repeat(128));
  });

  test.each([
    ['too few', 'od() { echo " 00 01"; }'],
    ['none', 'od() { return 1; }'],
    ['some, and then no more', 'od() { command od "$@"; return 1; }'],
  ])('where there are %s there is no number', async (_, od) => {
    expect(await said(`${od}; random_hex 16 || echo failed`)).toBe('failed\n');
  });
});
