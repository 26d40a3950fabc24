import { run, SHELLS } from './support/run';

describe.each(SHELLS)('in %s', (shell) => {
  test('a line says who speaks, and has every word as it is', async () => {
    expect(await run(shell, ['tell'], `speaker=edge1; tell 'a\\nb \\c' '%s' -n`)).toEqual({
      code: 0,
      output: 'edge1: a\\nb \\c %s -n\n',
      errors: '',
    });
  });

  test('nobody listening is no failure', async () => {
    expect(await run(shell, ['tell'], 'set -e; speaker=edge1; tell word >&-; echo goes on')).toEqual({
      code: 0,
      output: 'goes on\n',
      errors: '',
    });
  });
});
