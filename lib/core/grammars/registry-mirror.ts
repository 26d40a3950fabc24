import { type UrlParts } from './urls';

/**
 * A mirror's URL as containerd takes it. It keeps a slash at the end and puts `/v2` behind it, which registries do not know.
 */
export function mirrorUrlOf(text: string): string {
  return text.replace(/\/+$/, '');
}

/**
 * Whether a mirror's registry is to be found at the very path that its URL has, as Harbor's and Artifactory's are. Left to
 * itself, containerd puts `/v2` behind every path, asks for what is not there, and goes on to the registry without a word.
 * What K3s makes of the endpoints in its registries.yaml is the same.
 * @see https://github.com/containerd/containerd/blob/main/docs/hosts.md#override_path-field
 */
export function hasOwnPath(url: string): boolean {
  const { pathname } = new URL(mirrorUrlOf(url));
  return pathname !== '/' && pathname !== '/v2';
}

/**
 * Whether a URL can be one of a mirror, apart from its scheme and query: its path is a folder that containerd appends to, and
 * it goes through lists with commas on its way to the nodes.
 */
export function isMirrorPath({ path }: UrlParts): boolean {
  return /^(?:\/[\w.~-]+)*\/*$/.test(path);
}
