import { dnsSubdomain, labelKey, labelValue } from '../core/names';
import { parseAddress } from '../core/networks';
import { enumOf, firstOf, optional, pattern, rule, shape, type Rule } from '../core/rules';
import { TaintEffect } from '../superedge/set-node';
import type { KinsPodResources, KinsToleration } from './kins-cluster-props';

/** An image, with or without host, tag and digest. */
export function imageReference(): Rule {
  return pattern(
    /^(?:[a-z0-9]([-a-z0-9.]*[a-z0-9])?(?::\d{1,5})?\/)?[a-z0-9]+(?:[._/-]+[a-z0-9]+)*(?::[\w][\w.-]{0,127})?(?:@sha256:[0-9a-f]{64})?$/,
    'an image reference: host/path:tag or host/path@sha256:digest',
    'Write it like registry.example.com/rancher/k3s:v1.35.1-k3s1.',
  );
}

/** A registry as images name it. */
export function registryHost(): Rule {
  return pattern(
    /^[a-z0-9]([-a-z0-9.]*[a-z0-9])?(?::\d{1,5})?$/,
    "a registry's host, with a port if needed, without scheme and path",
    'Write it like registry.example.com:5000.',
  );
}

/** Where a registry is mirrored. */
export function mirrorUrl(): Rule {
  return rule(
    // What it is written as is what containerd gets, so that nothing may be left to a parser that mends URLs.
    (value) => isUrl(value, ['https:']) && /^https:\/\/[\w.:[\]-]+(?:\/[\w.~/-]*)?$/.test(String(value)),
    'an https URL without credentials',
    'Serve the mirror over TLS: what is pulled from it runs with the rights of the edge cluster.',
  );
}

/** A proxy as a kubeconfig names it. */
export function proxyUrl(): Rule {
  return rule(
    (value) => isUrl(value, ['http:', 'https:', 'socks5:']),
    'an http, https or socks5 URL without credentials',
    'A credential in it would go to Git: let the proxy know its callers otherwise.',
  );
}

function isUrl(value: unknown, schemes: readonly string[]): boolean {
  if (typeof value !== 'string' || /\s/.test(value) || !URL.canParse(value)) return false;
  const url = new URL(value);
  return schemes.includes(url.protocol) && url.hostname !== '' && url.username === '' && url.password === '';
}

/** What a certificate can be made out to. */
export function subjectName(): Rule {
  return rule(
    (value) => parseAddress(value) !== undefined || dnsSubdomain()(value, '').length === 0,
    'a DNS name or an IP address',
    'Name what clients write into the URL, without scheme and port.',
  );
}

/** A taint that is put up with. Kubernetes refuses a pod that puts up with a value of any key. */
export function toleration(): Rule {
  const isComplete = rule(
    (value) => {
      const { key, value: taintValue } = value as KinsToleration;
      return key !== undefined || taintValue === undefined;
    },
    'a key wherever there is a value',
    'Name the key of the taint, or remove the value.',
  );
  return firstOf(
    shape({
      key: optional(labelKey()),
      value: optional(labelValue()),
      effect: optional(enumOf(TaintEffect, 'TaintEffect')),
    }),
    isComplete,
  );
}

/** That an IP address is one of a server. The edge cluster's own networks are IPv4, so K3s takes no others. */
export function ipv4Address(): Rule {
  return rule(
    (value) => parseAddress(value)?.kind() !== 'ipv6',
    'an IPv4 address, as the networks of the edge cluster are IPv4',
    "Give the server's IPv4 address.",
  );
}

/** What a container asks for and may use. */
export function podResources(): Rule {
  const quantity = (what: string, example: string, regexp: RegExp): Rule =>
    optional(pattern(regexp, `${what} as Kubernetes writes it`, `Write it like ${example}.`));
  const cpu = quantity('processor time', '250m', /^(?:[1-9]\d*m?|0?\.\d+|[1-9]\d*\.\d+)$/);
  const memory = quantity('memory', '512Mi', /^[1-9]\d*(?:[KMGT]i|[kMGT])?$/);
  const fields: Readonly<Record<keyof KinsPodResources, Rule>> = {
    cpuRequest: cpu,
    cpuLimit: cpu,
    memoryRequest: memory,
    memoryLimit: memory,
  };
  return optional(shape(fields));
}

const QUANTITY_UNITS: Readonly<Record<string, number>> = {
  m: 1e-3,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
};

/** The number that a quantity stands for: 0.25 for `250m`. */
export function quantityValue(quantity: string): number {
  const unit = /[A-Za-z]*$/.exec(quantity)?.[0] ?? '';
  return Number(quantity.slice(0, quantity.length - unit.length)) * (QUANTITY_UNITS[unit] ?? 1);
}
