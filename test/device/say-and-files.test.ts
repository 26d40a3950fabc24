import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { SHELLS } from './support/fake-device';

const SCRIPTS = resolve(__dirname, '../../lib/device/scripts');

/** Runs a piece of shell with the functions of some of the scripts. */
function run(shell: string, scripts: readonly string[], text: string, input = ''): string {
  const [command = '', ...args] = shell.split(' ');
  const sources = scripts.map((name) => `. ${join(SCRIPTS, name)}`).join('\n');
  const { stdout } = spawnSync(command, [...args, '-c', `EDGE_NAME=edge1\n${sources}\n${text}`], {
    input,
    encoding: 'utf8',
  });
  return stdout;
}

describe.each(SHELLS)('in %s', (shell) => {
  const JWT = 'eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJnZXR0ZXIifQ.c2lnbmF0dXJl';

  test.each([
    ['a token in a header, as curl -v prints it', `> Authorization: Bearer s3cret-${JWT}`, 's3cret'],
    ['the same in small letters', 'authorization: bearer s3cret', 's3cret'],
    ['a token of an account by itself', `token=${JWT} and on`, 'eyJ'],
    ['the token by which a kubelet joins', '+ kubeadm join --token abcdef.0123456789abcdef', '0123456789abcdef'],
    ['what is in a Secret', '{"token": "s3cret", "cloud-config": "s3cret"}', 's3cret'],
  ])('%s is in no log', (_, line, secret) => {
    const logged = run(shell, ['say.sh'], 'redact', `before\n${line}\nafter\n`);
    expect(logged).toMatch(/^before\n.*\(hidden\).*\nafter\n$/);
    expect(logged).not.toContain(secret);
  });

  test('what is not secret stays in the log', () => {
    const line = 'Setting up kubelet (1.33.5-1.1) at 10.0.0.1:6443 ...\n';
    expect(run(shell, ['say.sh'], 'redact', line)).toBe(line);
  });

  test('a program that outlives the run keeps neither its lock nor its audience', () => {
    const folder = mkdtempSync(join(tmpdir(), 'edge-lock-'));
    try {
      const look = "sh -c 'for fd in 8 9; do if [ -e /proc/self/fd/$fd ]; then echo kept; else echo free; fi; done'";
      const text = `handle_signals\nexec 9>"${folder}/lock"\n${look}\nbounded 10 ${look}`;
      expect(run(shell, ['files.sh'], text)).toBe('kept\nkept\nfree\nfree\n');
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
