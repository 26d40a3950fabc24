import { isRegistry, registryHost } from '../core/grammars/hosts';
import { hasOwnPath, isMirrorPath, mirrorsByRegistry, mirrorUrlOf } from '../core/grammars/registry-mirror';
import { firstOf, rule } from '../core/rules';
import type { Rule } from '../core/rule';
import { parseUrl, url } from '../core/grammars/urls';

/** Tells KKP to use a mirror's path unchanged; KKP does not pass it on to nodes. */
const TAKE_PATH = '?kubermatic=override_path%3Dtrue';

/** Mirrors of registries, in the same form as for a KinsCluster, as far as a Seed supports it. */
export function registryMirrors(): Rule {
  return mirrorsByRegistry({
    registry: firstOf(
      rule(
        (value) => value !== '*',
        "a registry by its name: KKP's Seed has no mirrors for all registries at once",
        'Name each registry.',
      ),
      registryHost(),
    ),
    endpoint: registryMirror(),
    identity: (mirror) => mirrorForKkp(String(mirror)),
    refused: {
      rewrites: notInSeed('Let the mirror know images by the names that the registry has.'),
      fallback: notInSeed('Nodes ask the registry itself when no mirror has the image.'),
    },
  });
}

/** Settings that a KinsCluster has and KKP does not. */
function notInSeed(remedy: string): { readonly allowed: string; readonly remedy: string } {
  return {
    allowed: "nothing: KKP's Seed has a list of mirrors for each registry, and cannot carry this",
    remedy: `Remove it. ${remedy}`,
  };
}

/** Where a registry's images may be pulled instead: a host, or a URL of one. */
function registryMirror(): Rule {
  const mirrorUrl = url({
    schemes: ['http', 'https'],
    // containerd ignores everything after the path.
    rest: (parts) => isMirrorPath(parts) && ['', TAKE_PATH].includes(parts.query),
    allowed: 'a mirror as host, host:port, or http(s) URL without credentials',
    remedy: 'Write it like https://mirror.example.com.',
    withoutCredentials:
      'The Seed is readable in Git and in the cluster: let the mirror admit the nodes by address instead.',
  });
  return (value, field) => (isRegistry(value) ? [] : mirrorUrl(value, field));
}

/** A mirror in KKP's notation, with its path unchanged, which KKP 2.29 and later support. */
export function mirrorForKkp(mirror: string): string {
  const text = mirrorUrlOf(mirror);
  return parseUrl(text) !== undefined && !text.endsWith(TAKE_PATH) && hasOwnPath(text) ? `${text}${TAKE_PATH}` : text;
}
