import type { Buffer } from 'node:buffer';

/** A problem with the fields of a key, and what to do. */
export interface KeyMistake {
  readonly mistake: string;
  readonly remedy: string;
}

const COPY_AGAIN = 'Copy the whole line of the .pub file again.';
const MIN_RSA_BITS = 2048;
// OpenSSH's own upper bound: sshd refuses larger moduli.
const MAX_RSA_BITS = 16384;

/** Bytes of an uncompressed curve point: a format byte and two coordinates. */
const POINT_LENGTH: Readonly<Record<string, number>> = { nistp256: 65, nistp384: 97, nistp521: 133 };

/**
 * Checks the inner fields of a public key: type, curve, lengths, strength, nothing left over.
 *
 * @param type the type that stands before the key
 * @param bytes the decoded key
 * @see https://www.rfc-editor.org/rfc/rfc4253#section-6.6
 * @see https://www.rfc-editor.org/rfc/rfc5656#section-3.1
 * @see https://www.rfc-editor.org/rfc/rfc8709#section-4
 */
export function checkKeyFields(type: string, bytes: Buffer): KeyMistake | undefined {
  const fields = readStrings(bytes);
  const inner = fields?.[0]?.toString('latin1');
  if (fields === undefined || inner === undefined) return { mistake: 'the key is truncated', remedy: COPY_AGAIN };
  if (inner !== type) {
    return { mistake: `it says ${type}, but the key in it is of another type`, remedy: COPY_AGAIN };
  }
  const isSecurityKey = type.startsWith('sk-');
  const expected = fieldCount(type) + (isSecurityKey ? 1 : 0);
  if (fields.length !== expected) return { mistake: 'the key has missing or extra parts', remedy: COPY_AGAIN };
  if (type === 'ssh-rsa') return checkRsa(fields[1], fields[2]);
  return type.includes('ecdsa') ? checkEcdsa(type, fields[1], fields[2]) : checkEd25519(fields[1]);
}

function fieldCount(type: string): number {
  return type.includes('ed25519') ? 2 : 3;
}

function checkEd25519(key: Buffer | undefined): KeyMistake | undefined {
  return key?.length === 32 ? undefined : { mistake: 'an Ed25519 key has 32 bytes', remedy: COPY_AGAIN };
}

function checkEcdsa(type: string, curve: Buffer | undefined, point: Buffer | undefined): KeyMistake | undefined {
  const name = curve?.toString('latin1') ?? '';
  const isSound = type.includes(`-${name}`) && point?.length === POINT_LENGTH[name] && point?.[0] === 0x04;
  return isSound ? undefined : { mistake: 'its curve or its point does not match its type', remedy: COPY_AGAIN };
}

function checkRsa(exponent: Buffer | undefined, modulus: Buffer | undefined): KeyMistake | undefined {
  const [e, bits] = [exponent, bitLength(modulus)];
  if (bits < MIN_RSA_BITS || bits > MAX_RSA_BITS) {
    return {
      mistake: `an RSA key of ${bits} bits`,
      remedy: `Create a new key: ssh-keygen -t ed25519, or RSA of ${MIN_RSA_BITS} to ${MAX_RSA_BITS} bits.`,
    };
  }
  const isOdd = (number: Buffer | undefined) => ((number?.at(-1) ?? 0) & 1) === 1;
  const isSound = isOdd(e) && isOdd(modulus) && bitLength(e) >= 2;
  return isSound ? undefined : { mistake: 'its numbers are not an RSA key', remedy: COPY_AGAIN };
}

/** Bits of a non-negative multi-precision integer; 0 for a negative one, which no key has. */
function bitLength(number: Buffer | undefined): number {
  if (number === undefined || ((number[0] ?? 0) & 0x80) !== 0) return 0;
  const first = number.findIndex((byte) => byte !== 0);
  return first < 0 ? 0 : (number.length - first) * 8 - (Math.clz32(number[first] ?? 0) - 24);
}

/** All length-prefixed strings of a key; `undefined` when the last one is cut off. */
function readStrings(bytes: Buffer): Buffer[] | undefined {
  const strings: Buffer[] = [];
  let at = 0;
  while (at < bytes.length) {
    if (at + 4 > bytes.length) return undefined;
    const end = at + 4 + bytes.readUInt32BE(at);
    if (end > bytes.length) return undefined;
    strings.push(bytes.subarray(at + 4, end));
    at = end;
  }
  return strings;
}
