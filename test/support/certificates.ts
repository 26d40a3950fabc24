import { generateKeyPairSync, randomBytes, sign, type KeyObject } from 'node:crypto';
import { isIP } from 'node:net';
import { identifier, integer, pem, sequence, tagged } from './der';

/** A certificate and its key, in PEM. */
export interface Certificate {
  readonly certificate: string;
  readonly key: string;
}

/** What a server's certificate says. */
export interface Subject {
  /** Addresses and DNS names. */
  readonly names: readonly string[];
  /** When it expires. @default - in a day */
  readonly notAfter?: Date;
}

const DAY_MS = 86_400_000;

/** A certificate authority of a test, in nothing but Node: tests of units need no other programs. */
export class Authority {
  /** What clients trust, in PEM. */
  readonly certificate: string;
  readonly #keys = keyPair();

  constructor(private readonly name: string) {
    this.certificate = pem('CERTIFICATE', this.#sign(name, this.#keys.publicKey, [BASIC_CONSTRAINTS_OF_CA]));
  }

  /** A certificate of a server; it is valid since two days ago. */
  issue({ names, notAfter }: Subject): Certificate {
    const { publicKey, privateKey } = keyPair();
    const certificate = pem('CERTIFICATE', this.#sign('server', publicKey, [alternativeNames(names)], notAfter));
    return { certificate, key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString() };
  }

  #sign(
    subject: string,
    key: KeyObject,
    extensions: readonly Buffer[],
    notAfter = new Date(Date.now() + DAY_MS),
  ): Buffer {
    const content = sequence(
      tagged(0xa0, integer(2)),
      integer(1, ...randomBytes(8)),
      ECDSA_WITH_SHA256,
      commonName(this.name),
      sequence(time(new Date(Date.now() - 2 * DAY_MS)), time(notAfter)),
      commonName(subject),
      key.export({ type: 'spki', format: 'der' }),
      tagged(0xa3, sequence(...extensions)),
    );
    const signature = sign('sha256', content, this.#keys.privateKey);
    return sequence(content, ECDSA_WITH_SHA256, tagged(0x03, Buffer.from([0]), signature));
  }
}

function keyPair(): { readonly publicKey: KeyObject; readonly privateKey: KeyObject } {
  return generateKeyPairSync('ec', { namedCurve: 'P-256' });
}

function time(at: Date): Buffer {
  return tagged(0x18, Buffer.from(`${at.toISOString().replace(/\D/g, '').slice(0, 14)}Z`));
}

function commonName(name: string): Buffer {
  return sequence(tagged(0x31, sequence(identifier('550403'), tagged(0x0c, Buffer.from(name)))));
}

function alternativeNames(names: readonly string[]): Buffer {
  const each = names.map((name) =>
    isIP(name) === 4 ? tagged(0x87, Buffer.from(name.split('.').map(Number))) : tagged(0x82, Buffer.from(name)),
  );
  return sequence(identifier('551d11'), tagged(0x04, sequence(...each)));
}

const ECDSA_WITH_SHA256 = sequence(identifier('2a8648ce3d040302'));
const BASIC_CONSTRAINTS_OF_CA = sequence(
  identifier('551d13'),
  tagged(0x01, Buffer.from([255])),
  tagged(0x04, sequence(tagged(0x01, Buffer.from([255])))),
);
