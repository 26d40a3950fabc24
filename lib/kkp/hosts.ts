import type { Problem } from '../core/error';
import { parseAddress, parseNetwork } from '../core/networks';
import { hasOwnPath, mirrorUrlOf } from '../core/registry-mirror';
import { problem, rule, type Rule } from '../core/rules';

const DNS_NAME = /^(?=.{1,253}$)[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?(\.[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?)*$/i;
// A repository path may have dots, single or double underscores and hyphens between letters and digits.
const REPOSITORY_PATH = /^[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*(\/[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*)*$/;
const TAG = /^\w[\w.-]{0,127}$/;
const DIGEST = /^sha256:[0-9a-f]{64}$/;

/** A host name or IP address (IPv6 in brackets), optionally with a port: how a registry is named. */
export function registryHost(): Rule {
  return rule(
    isHostAndPort,
    'a registry as host or host:port, without https:// and without a path',
    'Write it like registry.example.com or 192.168.1.10:5000.',
  );
}

/** By this KKP knows that a mirror's path is to be taken as it is; it goes no further than to KKP. */
const TAKE_PATH = '?kubermatic=override_path%3Dtrue';

/** Where a registry's images may be pulled instead: a host, or a URL of one. */
export function registryMirror(): Rule {
  const allowed = 'a mirror as host, host:port, or http(s) URL without credentials';
  return (value, field) => {
    if (hasCredentials(value)) return [credentialsProblem(field, allowed)];
    const isMirror = isHostAndPort(value) || isMirrorUrl(value);
    return isMirror ? [] : [problem(field, value, allowed, 'Write it like https://mirror.example.com.')];
  };
}

/** KKP passes mirrors on in a list with commas, and containerd drops what follows the path. */
function isMirrorUrl(value: unknown): boolean {
  const url = urlOf(value);
  return (
    url !== undefined && /^[\w.~/-]*$/.test(url.pathname) && ['', TAKE_PATH].includes(url.search) && url.hash === ''
  );
}

/** A mirror as KKP takes it, with its path as it is. KKP 2.29 and all later ones know how. */
export function mirrorForKkp(mirror: string): string {
  const url = mirrorUrlOf(mirror);
  return urlOf(url) !== undefined && !url.endsWith(TAKE_PATH) && hasOwnPath(url) ? `${url}${TAKE_PATH}` : url;
}

/** What makes two mirrors the same. For the `uniqueBy` of a list. */
export function mirrorIdentity(mirror: unknown): unknown {
  return mirrorForKkp(String(mirror));
}

/** The URL of an HTTP proxy. Credentials in it would be readable in Git and in the Seed object, so they are refused. */
export function proxyUrl(): Rule {
  const allowed = 'http://host:port or https://host:port, without credentials and without a path';
  return (value, field) => {
    if (hasCredentials(value)) return [credentialsProblem(field, allowed)];
    const url = urlOf(value);
    const isProxy = url !== undefined && url.pathname === '/' && url.search === '' && url.hash === '';
    return isProxy ? [] : [problem(field, value, allowed, 'Write it like http://proxy.example.com:3128.')];
  };
}

/** A destination that is reached without the proxy. */
export function noProxyEntry(): Rule {
  return rule(
    (value) => {
      if (typeof value !== 'string') return false;
      const name = value.replace(/^(\*\.|\.)/, '');
      return isHostAndPort(name) || parseNetwork(value) !== undefined || parseAddress(value) !== undefined;
    },
    'a host, a domain (.example.com or *.example.com), an IP address or a network',
    'Make each destination an item of its own.',
  );
}

/** A mail domain, as it stands after the @. */
export function mailDomain(): Rule {
  return rule(
    (value) =>
      typeof value === 'string' && DNS_NAME.test(value) && value.includes('.') && value === value.toLowerCase(),
    'a mail domain in lower case, like example.com; it must match exactly, not as a suffix',
    'Write only what follows the @.',
  );
}

/** An image with a tag or a digest, so that all nodes run the same one. */
export function pinnedImage(): Rule {
  return rule(
    isPinnedImage,
    'an image with a tag or a digest, like registry.k8s.io/pause:3.10',
    'Add the tag, and write the image in lower case.',
  );
}

function isPinnedImage(value: unknown): boolean {
  if (typeof value !== 'string') return false;
  const [name = '', digest, ...rest] = value.split('@');
  if (rest.length > 0 || (digest !== undefined && !DIGEST.test(digest))) return false;
  const slash = name.lastIndexOf('/');
  const colon = name.indexOf(':', slash + 1);
  const tag = colon < 0 ? undefined : name.slice(colon + 1);
  if ((tag === undefined && digest === undefined) || (tag !== undefined && !TAG.test(tag))) return false;
  const repository = colon < 0 ? name : name.slice(0, colon);
  const first = repository.split('/')[0] ?? '';
  const hasHost = repository.includes('/') && /[.:]|^localhost$/.test(first);
  const path = hasHost ? repository.slice(first.length + 1) : repository;
  return (!hasHost || isHostAndPort(first)) && REPOSITORY_PATH.test(path);
}

function isHostAndPort(value: unknown): boolean {
  if (typeof value !== 'string') return false;
  const match = /^(\[[0-9a-f:.]+\]|[^:[\]]+)(?::(\d{1,5}))?$/i.exec(value);
  const [, host = '', port] = match ?? [];
  const isPort = port === undefined || (Number(port) >= 1 && Number(port) <= 65535);
  return isPort && (host.startsWith('[') ? parseAddress(host.slice(1, -1)) !== undefined : isNameOrIpv4(host));
}

function isNameOrIpv4(host: string): boolean {
  // Four numbers are meant as an address, so they must be one.
  return /^[\d.]+$/.test(host) ? parseAddress(host) !== undefined : DNS_NAME.test(host);
}

function urlOf(value: unknown): URL | undefined {
  if (typeof value !== 'string' || /\s/.test(value) || !/^https?:\/\//.test(value) || !URL.canParse(value)) {
    return undefined;
  }
  // The parser mends hosts (it encodes, it lowers case); what was written is what the nodes get.
  const host = /^https?:\/\/([^/?#]+)/.exec(value)?.[1];
  return isHostAndPort(host) ? new URL(value) : undefined;
}

function hasCredentials(value: unknown): boolean {
  return typeof value === 'string' && /^[^/]*\/\/[^/]*@/.test(value);
}

function credentialsProblem(field: string, allowed: string): Problem {
  return {
    field,
    given: '(a URL with credentials, not shown)',
    allowed,
    remedy:
      'The Seed is readable in Git and in the cluster: let the proxy or mirror admit the nodes by address instead.',
  };
}
