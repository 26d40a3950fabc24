import { ask, prepareGate } from './support/gate';
import { inEachShell, World } from './support/world';

let world: World;
beforeEach(() => {
  world = new World();
  prepareGate(world);
});
afterEach(() => {
  world.dispose();
});

inEachShell((shell) => {
  const shown = async (program: string): Promise<string> => (await ask(shell, world, { program })).output;

  test.each([
    ['v1.34.1+k3s1', 'v1.35.0+k3s1', true],
    ['v1.35.1+k3s1', 'v1.35.2+k3s1', true],
    ['v1.35.9+k3s1', 'v1.35.10+k3s1', true],
    ['v1.9.9+k3s1', 'v1.10.0+k3s1', true],
    ['v1.35.1+k3s1', 'v1.35.1+k3s2', true],
    ['v1.35.1+k3s1', 'v1.35.1+k3s1', false],
    ['v1.35.1+k3s2', 'v1.35.1+k3s1', false],
    ['v1.35.10+k3s1', 'v1.35.9+k3s1', false],
    ['v1.36.0+k3s1', 'v1.35.9+k3s1', false],
    ['', 'v1.35.1+k3s1', false],
    ['v1.35.1+k3s1', '', false],
    ['of our own', 'v1.35.1+k3s1', false],
    ['v1.35.1+k3s1', 'latest', false],
  ])('that "%s" is older than "%s" is %s', async (a, b, is) => {
    expect(await shown(`if is_older '${a}' '${b}'; then echo true; else echo false; fi`)).toBe(`${String(is)}\n`);
  });

  test.each([
    ['v1.35.1+k3s1', '35', '1'],
    ['v1.9.12+k3s3', '9', '12'],
    ['v1.33.8-rc1+k3s1', '33', '8'],
    ['v1.33.8', '33', '8'],
  ])('%s is of minor %s and patch %s', async (version, minor, patch) => {
    expect(await shown(`echo "$(minor_of ${version}) $(patch_of ${version})"`)).toBe(`${minor} ${patch}\n`);
  });

  const k3sSays = (text: string): Promise<string> => shown(`k3s() { ${text}; }; echo "[$(own_version)]"`);

  test('the version of an image is what its K3s says', async () => {
    expect(await k3sSays(`printf 'k3s version v1.35.1+k3s1 (50fa2d70)\\ngo version go1.25.6\\n'`)).toBe(
      '[v1.35.1+k3s1]\n',
    );
  });

  test('a K3s that does not run on this processor is of no version', async () => {
    expect(await k3sSays('echo "exec format error" >&2; return 126')).toBe('[]\n');
  });
});
