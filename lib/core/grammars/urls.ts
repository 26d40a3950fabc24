import { problem } from '../rules';
import type { Rule } from '../rule';
import { parseHostAndPort, type HostAndPort } from './hosts';

/** A URL as it was written. */
export interface UrlParts extends HostAndPort {
  /** Without the colon: `https`. */
  readonly scheme: string;
  /** What stands before the @; `undefined` if there is none. */
  readonly credentials: string | undefined;
  /** With its first slash, or empty. */
  readonly path: string;
  /** With its question mark, or empty. */
  readonly query: string;
}

const URL_PARTS = /^([a-z][a-z0-9+.-]*):\/\/(?:([^/?#@]*)@)?([^/?#@]+)((?:\/[^?#]*)?)((?:\?[^#]*)?)$/;
/** Not the single quote, although RFC 3986 allows it, because it ends strings in shells and in TOML. */
const CHARACTERS = /^(?:[\w\-.~:/?[\]@!$&()*+,;=]|%[0-9A-Fa-f]{2})*$/;

/**
 * Parses a URL with a host, but accepts nothing that parsers would normalize, each in its own way, so that programs get
 * exactly what was written. Capitals in the scheme, characters that must be encoded, folders `.` and `..`, and fragments
 * are refused.
 */
export function parseUrl(text: unknown): UrlParts | undefined {
  const match = typeof text === 'string' && CHARACTERS.test(text) ? URL_PARTS.exec(text) : null;
  const [, scheme = '', credentials, authority = '', path = '', query = ''] = match ?? [];
  const host = parseHostAndPort(authority);
  if (host === undefined || /[[\]]/.test(path + query) || /\/\.{1,2}(?:\/|$)/.test(path)) return undefined;
  return { ...host, scheme, credentials, path, query };
}

/** Whether a text seems to have a user, a password or a token before its host, even if it is no URL otherwise. */
function hasCredentials(text: unknown): boolean {
  return typeof text === 'string' && /^[^/]*\/\/[^/]*@/.test(text);
}

/** What a URL may be, and how errors describe that. */
export interface UrlOptions {
  readonly schemes: readonly string[];
  /** Checks the rest of the URL, apart from scheme, host and credentials. @default - no path but a slash, and no query */
  readonly rest?: (url: UrlParts) => boolean;
  readonly allowed: string;
  readonly remedy: string;
  /** What to do about credentials, which would be readable where the URL goes. @default - `remedy` */
  readonly withoutCredentials?: string;
}

/** A URL without credentials; one that has some is not shown. */
export function url(options: UrlOptions): Rule {
  const { schemes, rest = isBare, allowed, remedy, withoutCredentials = remedy } = options;
  return (value, field) => {
    if (hasCredentials(value)) {
      const given = '(a URL with credentials, not shown)';
      return [{ ...problem(field, undefined, allowed, withoutCredentials), given }];
    }
    const parts = parseUrl(value);
    const fits = parts !== undefined && schemes.includes(parts.scheme) && rest(parts);
    return fits ? [] : [problem(field, value, allowed, remedy)];
  };
}

function isBare({ path, query }: UrlParts): boolean {
  return (path === '' || path === '/') && query === '';
}

/** The URL of a proxy for what nodes fetch. Credentials in it would be readable wherever it is written. */
export function httpProxyUrl(): Rule {
  return url({
    schemes: ['http', 'https'],
    allowed: 'http://host:port or https://host:port, without credentials and without a path',
    remedy: 'Write it like http://proxy.example.com:3128.',
    withoutCredentials:
      'They would be readable wherever the URL is written: let the proxy authorize the nodes by address instead.',
  });
}
