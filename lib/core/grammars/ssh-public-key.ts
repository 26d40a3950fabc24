import { Buffer } from 'node:buffer';
import type { Problem } from '../problem';
import { showGiven } from '../given';
import type { Rule } from '../rule';
import { checkKeyFields } from './ssh-wire-format';

/** A public key as it stands in an `authorized_keys` file, without options. */
export interface SshPublicKey {
  /** The algorithm: `ssh-ed25519`, `ecdsa-sha2-nistp256`, ... */
  readonly type: string;
  /** The key itself in base64: two keys are the same key when these are the same. */
  readonly blob: string;
  /** What follows the key, often `user@host`; may be empty. */
  readonly comment: string;
}

/** What an `authorized_keys` line turned out to be. */
export type ParsedSshPublicKey =
  { readonly key: SshPublicKey } | { readonly mistake: string; readonly remedy: string; readonly isSecret?: boolean };

const ALLOWED =
  'an OpenSSH public key: ssh-ed25519, ecdsa-sha2-nistp256/384/521, ssh-rsa of at least 2048 bits, or one of their ' +
  'security key forms (sk-ssh-ed25519@openssh.com, sk-ecdsa-sha2-nistp256@openssh.com)';

const SUPPORTED = new Set([
  'ssh-ed25519',
  'ssh-rsa',
  'ecdsa-sha2-nistp256',
  'ecdsa-sha2-nistp384',
  'ecdsa-sha2-nistp521',
  'sk-ssh-ed25519@openssh.com',
  'sk-ecdsa-sha2-nistp256@openssh.com',
]);

// Private keys in the formats of OpenSSH, OpenSSL, PuTTY and age, with or without their header lines.
const PRIVATE_KEY =
  /PRIVATE KEY|-----BEGIN|PuTTY-User-Key-File|Private-Lines|AGE-SECRET-KEY|b3BlbnNzaC1rZXktdjE|^MI[GIJ]|^MC4CAQ/;

/**
 * Reads one public key: one line of an `.pub` or `authorized_keys` file, with or without the line's end.
 *
 * @see https://man.openbsd.org/sshd#AUTHORIZED_KEYS_FILE_FORMAT
 */
export function parseSshPublicKey(text: string): ParsedSshPublicKey {
  const line = text.trim();
  if (PRIVATE_KEY.test(line)) {
    return {
      mistake: 'it looks like a private key',
      remedy: 'Give the content of the .pub file. If a private key has been in a repository, replace the key pair.',
      isSecret: true,
    };
  }
  if (line === '') return { mistake: 'it is empty', remedy: 'Give the content of a .pub file.' };
  if (/[\r\n]/.test(line)) return { mistake: 'it has several lines', remedy: 'Make each key a separate item.' };
  if (/\p{Cc}|\p{Cs}/u.test(line)) return { mistake: 'it has control characters', remedy: 'Copy the key again.' };

  const [type = '', blob = '', ...rest] = line.split(/ +/);
  const wrongType = mistakeOfType(type, line);
  if (wrongType !== undefined) return wrongType;
  const bytes = Buffer.from(blob, 'base64');
  // Node's decoder skips what is not base64, so the text counts as base64 only if it comes back unchanged.
  if (blob === '' || bytes.toString('base64') !== blob) {
    return { mistake: `what follows ${type} is not base64`, remedy: 'Copy the whole line of the .pub file again.' };
  }
  const wrongFields = checkKeyFields(type, bytes);
  return wrongFields ?? { key: { type, blob, comment: rest.join(' ') } };
}

function mistakeOfType(type: string, line: string): ParsedSshPublicKey | undefined {
  if (SUPPORTED.has(type)) return undefined;
  if (type === 'ssh-dss') {
    return { mistake: 'OpenSSH no longer supports DSA keys', remedy: 'Create a new key: ssh-keygen -t ed25519.' };
  }
  if (type.includes('-cert-v0')) {
    return { mistake: 'it is a certificate', remedy: 'Give the public key that the certificate was made for.' };
  }
  const startOfKey = new RegExp(`(^|[\\s,])(${[...SUPPORTED].map((name) => name.replaceAll('.', '\\.')).join('|')}) `);
  return startOfKey.test(line)
    ? {
        mistake: 'it has options before the key',
        remedy: 'Leave out the options: provisioning accepts plain keys only.',
      }
    : { mistake: 'it does not start with a key type', remedy: 'Give the content of a .pub file.' };
}

/** The key as one line without surrounding white space, comment included. */
export function formatSshPublicKey(key: SshPublicKey): string {
  return key.comment === '' ? `${key.type} ${key.blob}` : `${key.type} ${key.blob} ${key.comment}`;
}

/** What makes two keys the same: type and blob, not the comment. For the `uniqueBy` of a list. */
export function sshPublicKeyIdentity(item: unknown): unknown {
  const parsed = typeof item === 'string' ? parseSshPublicKey(item) : undefined;
  return parsed !== undefined && 'key' in parsed ? `${parsed.key.type} ${parsed.key.blob}` : item;
}

/** One OpenSSH public key. A private key given by mistake is never shown. */
export function sshPublicKey(): Rule {
  return (value, field): readonly Problem[] => {
    if (typeof value !== 'string') {
      return [{ field, given: showGiven(value), allowed: ALLOWED, remedy: 'Give the content of a .pub file.' }];
    }
    const parsed = parseSshPublicKey(value);
    if ('key' in parsed) return [];
    const given = parsed.isSecret === true ? '(secret material, not shown)' : showGiven(value);
    return [{ field, given: `${given}: ${parsed.mistake}`, allowed: ALLOWED, remedy: parsed.remedy }];
  };
}
