import { X509Certificate } from 'node:crypto';
import { needsValue } from '../../core/placeholders/ask';
import type { Problem } from '../../core/problem';
import { registryHost } from '../../core/grammars/hosts';
import { dnsSubdomain } from '../../core/grammars/names';
import { isMirrorPath, mirrorsByRegistry, mirrorUrlOf } from '../../core/grammars/registry-mirror';
import { bool, firstOf, isPlainObject, mapOf, optional, pattern, problem, rule, shape, text } from '../../core/rules';
import type { Rule } from '../../core/rule';
import { url } from '../../core/grammars/urls';
import { hostOf, WILDCARD } from '../registries';
import type {
  KinsRegistry,
  KinsRegistryAuth,
  KinsRegistryCaSecret,
  KinsRegistryClientCertificate,
  KinsRegistryMirror,
} from '../registry-props';

/** Where registries are mirrored. Which URLs a host may have depends on its entry in `registries`. */
export function registryMirrors(registries: unknown): Rule {
  const others: Readonly<Record<Exclude<keyof KinsRegistryMirror, 'endpoints'>, Rule>> = {
    rewrites: optional(mapOf(rewritePattern(), rewriteResult())),
    fallback: optional(bool()),
  };
  return mirrorsByRegistry({
    // The names become names of files, so a placeholder will not do.
    registry: needsValue((value, field) => (value === WILDCARD ? [] : registryName()(value, field))),
    endpoint: mirrorUrl(registries),
    identity: (url) => mirrorUrlOf(String(url)),
    others,
  });
}

/** How registries are talked to. */
export function registries(): Rule {
  return mapOf(needsValue(registryName()), registry());
}

function registryName(): Rule {
  return firstOf(
    registryHost(),
    rule(
      (value) => !String(value).startsWith('['),
      'a name or an IPv4 address, as the networks of the edge cluster are IPv4',
      'Give the registry a name.',
    ),
  );
}

function registry(): Rule {
  const auth: Readonly<Record<keyof KinsRegistryAuth, Rule>> = {
    secretName: dnsSubdomain(),
    usernameKey: optional(secretKey()),
    passwordKey: optional(secretKey()),
    identityTokenKey: optional(secretKey()),
  };
  const caSecret: Readonly<Record<keyof KinsRegistryCaSecret, Rule>> = {
    secretName: dnsSubdomain(),
    key: optional(secretKey()),
  };
  const clientCertificate: Readonly<Record<keyof KinsRegistryClientCertificate, Rule>> = {
    secretName: dnsSubdomain(),
    certificateKey: optional(secretKey()),
    privateKeyKey: optional(secretKey()),
  };
  const fields: Readonly<Record<keyof KinsRegistry, Rule>> = {
    auth: optional(firstOf(shape(auth), oneWayToAuthenticate)),
    ca: optional(certificates()),
    caSecret: optional(shape(caSecret)),
    clientCertificate: optional(shape(clientCertificate)),
    plainHttp: optional(bool()),
  };
  return firstOf(shape(fields), together);
}

const oneWayToAuthenticate: Rule = (value, field) => {
  const { usernameKey, passwordKey, identityTokenKey } = value as KinsRegistryAuth;
  if (identityTokenKey === undefined) return [];
  return Object.entries({ usernameKey, passwordKey }).flatMap(([name, given]) =>
    given === undefined
      ? []
      : [problem(`${field}.${name}`, given, 'nothing when identityTokenKey is given', ONE_OF_TWO)],
  );
};

const ONE_OF_TWO = 'Remove one of the two.';

/** Settings of a registry that contradict each other. */
const together: Rule = (value, field) => {
  const { auth, ca, caSecret, clientCertificate, plainHttp } = value as KinsRegistry;
  const refused = (all: object, allowed: string, remedy: string): Problem[] =>
    Object.entries(all).flatMap(([name, each]: [string, unknown]) =>
      each === undefined ? [] : [problem(`${field}.${name}`, each, allowed, remedy)],
    );
  if (plainHttp !== true) return ca === undefined ? [] : refused({ caSecret }, 'nothing when ca is given', ONE_OF_TWO);
  return [
    ...refused(
      { auth },
      'nothing when plainHttp is true',
      'Anyone on the network path could read it: serve the registry over TLS.',
    ),
    ...refused({ ca, caSecret, clientCertificate }, 'nothing when plainHttp is true', ONE_OF_TWO),
  ];
};

/** The key of a value in a Secret. */
function secretKey(): Rule {
  return rule(
    (value) => typeof value === 'string' && /^[-._a-zA-Z0-9]{1,253}$/.test(value) && !value.startsWith('..'),
    'a key of a Secret: letters, digits, dashes, underscores and dots',
    'Write it as it is in the Secret; the value itself stays there.',
  );
}

function certificates(): Rule {
  return rule(
    (value) => typeof value === 'string' && !value.includes('PRIVATE KEY') && isCertificates(value),
    'certificates as PEM, without a private key',
    'Give the content of the CA file: -----BEGIN CERTIFICATE----- and so on.',
  );
}

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

function isCertificates(value: string): boolean {
  const found = value.match(CERTIFICATE) ?? [];
  if (found.length === 0 || value.split('-----BEGIN').length - 1 !== found.length) return false;
  try {
    found.forEach((each) => new X509Certificate(each));
    return true;
  } catch {
    return false;
  }
}

/** Where a registry is mirrored. */
function mirrorUrl(registries: unknown): Rule {
  const written = (scheme: 'http' | 'https'): Rule =>
    url({
      schemes: [scheme],
      rest: (parts) => parts.query === '' && isMirrorPath(parts),
      allowed: `an ${scheme} URL without credentials`,
      remedy: 'Serve the mirror over TLS: what is pulled from it runs with the rights of the edge cluster.',
    });
  return (value, field) => {
    const host = hostOf(value);
    const isPlain = isPlainHttp(registries, host);
    const wanted = written(isPlain ? 'http' : 'https')(value, field);
    const other = written(isPlain ? 'https' : 'http')(value, field);
    if (wanted.length === 0 || other.length > 0) return wanted;
    return wanted.map((found) =>
      isPlain
        ? { ...found, allowed: `an http URL, since registries['${host}'] has plainHttp`, remedy: 'Make the two agree.' }
        : {
            ...found,
            remedy: `${found.remedy} Where that is not possible, set registries: { '${host}': { plainHttp: true } }.`,
          },
    );
  };
}

/** Called before `registries` was checked, so it may be anything. */
function isPlainHttp(registries: unknown, host: string): boolean {
  if (!isPlainObject(registries)) return false;
  const own = registries[host];
  return isPlainObject(own) && own['plainHttp'] === true;
}

/** Go's regular expressions have no look-around and no back-references; JavaScript finds all other errors, too. */
function rewritePattern(): Rule {
  return firstOf(
    text({ maxLength: 512 }),
    rule(
      (value) => !/\(\?<?[=!]|\\[1-9]/.test(String(value)) && isRegularExpression(String(value)),
      'a Go regular expression for the name of an image',
      'Write it like ^rancher/(.*), without look-around and back-references.',
    ),
  );
}

function isRegularExpression(pattern: string): boolean {
  try {
    new RegExp(pattern.replace(/^\(\?[ims]+\)/, '').replaceAll('(?P<', '(?<'));
    return true;
  } catch {
    return false;
  }
}

/** The name by which containerd asks a mirror for an image. */
function rewriteResult(): Rule {
  return pattern(
    /^[a-z0-9._/${}-]+$/,
    'the name of an image, with $1 for the first group of the expression',
    'Write it like mirrors/rancher/$1, without registry and tag.',
  );
}
