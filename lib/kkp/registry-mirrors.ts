import { isRegistry } from '../core/grammars/hosts';
import { hasOwnPath, isMirrorPath, mirrorUrlOf } from '../core/grammars/registry-mirror';
import type { Rule } from '../core/rule';
import { parseUrl, url } from '../core/grammars/urls';

/** By this KKP knows that a mirror's path is to be taken as it is; it goes no further than to KKP. */
const TAKE_PATH = '?kubermatic=override_path%3Dtrue';

/** Where a registry's images may be pulled instead: a host, or a URL of one. */
export function registryMirror(): Rule {
  const mirrorUrl = url({
    schemes: ['http', 'https'],
    // Containerd drops what follows the path.
    rest: (parts) => isMirrorPath(parts) && ['', TAKE_PATH].includes(parts.query),
    allowed: 'a mirror as host, host:port, or http(s) URL without credentials',
    remedy: 'Write it like https://mirror.example.com.',
    withoutCredentials:
      'The Seed is readable in Git and in the cluster: let the mirror admit the nodes by address instead.',
  });
  return (value, field) => (isRegistry(value) ? [] : mirrorUrl(value, field));
}

/** A mirror as KKP takes it, with its path as it is. KKP 2.29 and all later ones know how. */
export function mirrorForKkp(mirror: string): string {
  const text = mirrorUrlOf(mirror);
  return parseUrl(text) !== undefined && !text.endsWith(TAKE_PATH) && hasOwnPath(text) ? `${text}${TAKE_PATH}` : text;
}

/** What makes two mirrors the same. For the `uniqueBy` of a list. */
export function mirrorIdentity(mirror: unknown): unknown {
  return mirrorForKkp(String(mirror));
}
