import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { run, SHELLS } from './support/run';

let root: string;
beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'root path-')));
  mkdirSync(join(root, 'etc/real folder'), { recursive: true });
  writeFileSync(join(root, 'etc/real folder/file'), '');
});
afterEach(() => {
  rmSync(root, { recursive: true });
});

describe.each(SHELLS)('in %s', (shell) => {
  const link = (path: string, target: string): void => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    symlinkSync(target, join(root, path));
  };
  /** Below the root; as it is where it is not. */
  const found = async (path: string): Promise<string> => {
    const { output } = await run(shell, ['root-path'], 'path_in_root "$ROOT" "$ASKED" || echo none', {
      env: { ROOT: root, ASKED: path },
    });
    return output.replace(/\n$/, '').replace(root, '');
  };

  test.each([
    ['/etc/real folder/file', '/etc/real folder/file'],
    ['etc//real folder/./file/', '/etc/real folder/file'],
    ['/etc/../etc/real folder', '/etc/real folder'],
    ['/../../etc', '/etc'],
    ['/', ''],
    ['/etc/not/there', '/etc/not/there'],
  ])('without links %s is where it says', async (path, place) => {
    expect(await found(path)).toBe(place);
  });

  test.each([
    ['to a path of the root', '/etc/real folder', '/etc/real folder'],
    ['to a path beside it', 'real folder', '/etc/real folder'],
    ['to what is not there', '/data/units', '/data/units'],
    ['to the root', '/', ''],
    ['above the root, where there is nothing', '../../../../etc/real folder', '/etc/real folder'],
    ['by a link', '/etc/again', '/etc/real folder'],
    ['with dots behind a link', '/etc/again/../x', '/etc/x'],
  ])('a link %s leads there, also in the middle of a path', async (_, target, place) => {
    link('etc/link', target);
    link('etc/again', './real folder');
    expect(await found('/etc/link')).toBe(place);
    expect(await found('/etc/link/file')).toBe(`${place}/file`);
  });

  test('links that lead in a circle have no end', async () => {
    link('etc/one', '/etc/other');
    link('etc/other', 'one');
    expect(await found('/etc/one/file')).toBe('none');
  });

  test('it changes no name of whoever asks', async () => {
    const program =
      'left=a seen=b name=c links=d target=e; path_in_root / /etc >/dev/null; echo "$left$seen$name$links$target"';
    expect(await run(shell, ['root-path'], program)).toMatchObject({ code: 0, output: 'abcde\n', errors: '' });
  });
});
