import { spawnSync } from 'node:child_process';
import { which } from '../../support/prerequisites';

const NEEDED = [
  'curl',
  'dash',
  'flock',
  'ip',
  'jq',
  'nsenter',
  'openssl',
  'ssh',
  'sshd',
  'ssh-keygen',
  'sudo',
  'unshare',
];

let told = false;

/** What this machine lacks for devices with real SSH. */
export function missingForSsh(): string[] {
  const missing = NEEDED.filter((program) => which(program) === undefined);
  if (process.getuid?.() !== 0) return [...missing, 'root'];
  return missing.length > 0 || canMakeDevices() ? missing : ['the right to make namespaces and overlays'];
}

/** What a device is made of, tried once: containers are often not allowed to. */
function canMakeDevices(): boolean {
  const tryIt =
    'mount --make-rprivate / && ip link add site type bridge && mount -t tmpfs tmpfs /mnt && cd /mnt && ' +
    'mkdir upper work root && mount -t overlay -o lowerdir=/,upperdir=upper,workdir=work overlay root';
  const argv = ['--net', '--mount', '--pid', '--fork', 'sh', '-c', tryIt];
  return spawnSync('unshare', argv, { stdio: 'ignore' }).status === 0;
}

/** `describe` for tests with real SSH connections: without what they need they are skipped, and one line says what that is. */
export function describeWithSsh(title: string, body: () => void): void {
  const missing = missingForSsh();
  if (missing.length === 0) {
    describe(title, body);
    return;
  }
  if (!told)
    process.stderr.write(`e2e/device: not run, missing: ${missing.join(', ')} (Debian: openssh-server, sudo)\n`);
  told = true;
  describe.skip(title, body);
}
