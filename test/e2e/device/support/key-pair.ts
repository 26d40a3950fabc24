import { execFileSync } from 'node:child_process';

/** Makes a key pair without a passphrase: the private key at the path, the public one beside it. */
export function makeKeyPair(path: string, comment: string): void {
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', comment, '-f', path]);
}
