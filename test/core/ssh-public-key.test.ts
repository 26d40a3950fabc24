import fc from 'fast-check';
import {
  formatSshPublicKey,
  parseSshPublicKey,
  sshPublicKey,
  sshPublicKeyIdentity,
} from '../../lib/core/grammars/ssh-public-key';
import * as keys from '../kkp/ssh-keys';

const { blobOf, SK_ECDSA, SK_ED25519 } = keys;
const N_2048 = Buffer.concat([Buffer.from([0]), Buffer.alloc(256, 0xc3)]);
const E_65537 = Buffer.from([1, 0, 1]);

function mistakeOf(text: string): string | undefined {
  const parsed = parseSshPublicKey(text);
  return 'key' in parsed ? undefined : parsed.mistake;
}

describe('keys that are taken', () => {
  test.each([
    ['ssh-ed25519', keys.ED25519, 'ops@example.com'],
    ['ecdsa-sha2-nistp256', keys.ECDSA_256, ''],
    ['ecdsa-sha2-nistp384', keys.ECDSA_384, 'two words'],
    ['ecdsa-sha2-nistp521', keys.ECDSA_521, 'ops'],
    ['ssh-rsa', keys.RSA_2048, 'rsa2048'],
    ['sk-ssh-ed25519@openssh.com', SK_ED25519, 'token'],
    ['sk-ecdsa-sha2-nistp256@openssh.com', SK_ECDSA, 'token'],
  ])('%s', (type, line, comment) => {
    const parsed = parseSshPublicKey(line);
    expect(parsed).toEqual({ key: { type, blob: line.split(' ')[1], comment } });
    if ('key' in parsed) expect(formatSshPublicKey(parsed.key)).toBe(line);
    expect(sshPublicKey()(line, 'sshPublicKeys[0]')).toEqual([]);
  });

  test('as the whole content of a .pub file, with its line end', () => {
    expect(mistakeOf(`${keys.ED25519}\n`)).toBeUndefined();
    expect(mistakeOf(`${keys.ED25519}\r\n`)).toBeUndefined();
  });

  test('identity is the key, not the comment', () => {
    const [type, blob] = keys.ED25519.split(' ');
    expect(sshPublicKeyIdentity(`${type} ${blob} elsewhere`)).toBe(sshPublicKeyIdentity(keys.ED25519));
    expect(sshPublicKeyIdentity(keys.ED25519_SECOND)).not.toBe(sshPublicKeyIdentity(keys.ED25519));
  });
});

describe('keys that are refused', () => {
  const [, blob = ''] = keys.ED25519.split(' ');
  const COPIED_WRONG = 'the key has missing or extra parts';

  test.each([
    ['empty', '', 'it is empty'],
    ['white space', ' \n', 'it is empty'],
    ['DSA', keys.DSA, 'OpenSSH no longer supports DSA keys'],
    ['RSA of 1024 bits', keys.RSA_1024, 'an RSA key of 1024 bits'],
    ['a certificate', keys.CERTIFICATE, 'it is a certificate'],
    ['several keys', `${keys.ED25519}\n${keys.ECDSA_256}`, 'it has several lines'],
    ['a tab', `ssh-ed25519\t${blob}`, 'it has control characters'],
    ['options', `no-pty,command="sh" ${keys.ED25519}`, 'it has options before the key'],
    ['a known_hosts line', `host.example.com ${keys.ED25519}`, 'it has options before the key'],
    ['a fingerprint', 'SHA256:2NzxdlB3dJ1wLvYvW4Y', 'it does not start with a key type'],
    ['a file name', '~/.ssh/id_ed25519.pub', 'it does not start with a key type'],
    ['no key', 'ssh-ed25519', 'what follows ssh-ed25519 is not base64'],
    ['broken base64', `ssh-ed25519 ${blob.slice(0, -1)}!`, 'what follows ssh-ed25519 is not base64'],
    ['a line cut off', `ssh-ed25519 ${blob.slice(0, 40)}`, 'the key is truncated'],
    ['another type', `ssh-rsa ${blob}`, 'it says ssh-rsa, but the key in it is of another type'],
    ['a short Ed25519 key', `ssh-ed25519 ${blobOf('ssh-ed25519', Buffer.alloc(31))}`, 'an Ed25519 key has 32 bytes'],
    ['trailing bytes', `ssh-ed25519 ${blobOf('ssh-ed25519', Buffer.alloc(32), 'x')}`, COPIED_WRONG],
    [
      'a security key without application',
      `sk-ssh-ed25519@openssh.com ${blobOf('sk-ssh-ed25519@openssh.com', Buffer.alloc(32))}`,
      COPIED_WRONG,
    ],
    [
      'another curve',
      `ecdsa-sha2-nistp256 ${blobOf('ecdsa-sha2-nistp256', 'nistp384', Buffer.alloc(97, 4))}`,
      'its curve or its point does not match its type',
    ],
    [
      'a compressed point',
      `ecdsa-sha2-nistp256 ${blobOf('ecdsa-sha2-nistp256', 'nistp256', Buffer.alloc(33, 2))}`,
      'its curve or its point does not match its type',
    ],
    [
      'an even RSA modulus',
      `ssh-rsa ${blobOf('ssh-rsa', E_65537, Buffer.concat([N_2048.subarray(0, 256), Buffer.from([2])]))}`,
      'its numbers are not an RSA key',
    ],
    [
      'an RSA exponent of 1',
      `ssh-rsa ${blobOf('ssh-rsa', Buffer.from([1]), N_2048)}`,
      'its numbers are not an RSA key',
    ],
    [
      'a negative RSA modulus',
      `ssh-rsa ${blobOf('ssh-rsa', E_65537, Buffer.alloc(256, 0xc3))}`,
      'an RSA key of 0 bits',
    ],
    [
      'an RSA key too large for sshd',
      `ssh-rsa ${blobOf('ssh-rsa', E_65537, Buffer.alloc(2049, 0x43))}`,
      'an RSA key of 16391 bits',
    ],
  ])('%s', (_, text, mistake) => {
    expect(mistakeOf(text)).toBe(mistake);
  });

  test('every cut of a real key', () => {
    for (let length = 1; length < blob.length; length++) {
      expect(mistakeOf(`ssh-ed25519 ${blob.slice(0, length)}`)).toBeDefined();
    }
  });

  test('whatever else a text may be, the rule answers', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.anything()), (value) => {
        expect(sshPublicKey()(value, 'key').length).toBe(1);
      }),
    );
  });
});

describe('private keys given by mistake', () => {
  const SECRET = 'b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQ';

  test.each([
    ['OpenSSH', `-----BEGIN OPENSSH PRIVATE KEY-----\n${SECRET}\n-----END OPENSSH PRIVATE KEY-----`],
    ['PEM', '-----BEGIN RSA PRIVATE KEY-----\nMIIEowIBAAKCAQEAsecret\n-----END RSA PRIVATE KEY-----'],
    ['without armour', SECRET],
    ['PKCS#1 without armour', 'MIIEowIBAAKCAQEAsecret'],
    ['PKCS#8 Ed25519 without armour', 'MC4CAQAwBQYDK2VwBCIEIsecret'],
    ['PuTTY', 'PuTTY-User-Key-File-3: ssh-ed25519\nPrivate-Lines: 1\nsecret'],
    ['age', 'AGE-SECRET-KEY-1SECRET'],
  ])('%s is not shown', (_, text) => {
    const [problem, ...others] = sshPublicKey()(text, 'sshPublicKeys[0]');
    expect(others).toEqual([]);
    expect(problem?.given).toBe('(secret material, not shown): it looks like a private key');
    expect(JSON.stringify(problem)).not.toMatch(/MII|MC4C|b3Blb|1SECRET|Private-Lines/);
    expect(problem?.remedy).toBe(
      'Give the content of the .pub file. If a private key has been in a repository, replace the key pair.',
    );
  });
});
