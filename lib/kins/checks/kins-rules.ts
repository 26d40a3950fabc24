import { dnsSubdomain, labelKey, labelValue } from '../../core/grammars/names';
import { parseAddress } from '../../core/grammars/networks';
import { bytesQuantity, cpuQuantity } from '../../core/grammars/quantities';
import { enumOf, firstOf, optional, rule, shape } from '../../core/rules';
import type { Rule } from '../../core/rule';
import { url } from '../../core/grammars/urls';
import { TaintEffect } from '../../superedge/set-node';
import type { KinsPodResources, KinsToleration } from '../kins-cluster-props';

/** A proxy as a kubeconfig names it. */
export function proxyUrl(): Rule {
  return url({
    schemes: ['http', 'https', 'socks5'],
    allowed: 'an http, https or socks5 URL without credentials and without a path',
    remedy: 'Write it like http://proxy.example.com:8080.',
    withoutCredentials: 'A credential in it would go to Git: let the proxy authenticate its clients in another way.',
  });
}

/** A name or address that a certificate can be issued for. */
export function subjectName(): Rule {
  return rule(
    (value) => parseAddress(value) !== undefined || dnsSubdomain()(value, '').length === 0,
    'a DNS name or an IP address',
    'Name what clients write in the URL, without scheme and port.',
  );
}

/** A toleration of a taint. Kubernetes rejects a toleration that has a value but no key. */
export function toleration(): Rule {
  const isComplete = rule(
    (value) => {
      const { key, value: taintValue } = value as KinsToleration;
      return key !== undefined || taintValue === undefined;
    },
    'a key whenever there is a value',
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

/** The address of a server. It must be IPv4, because the edge cluster's own networks are. */
export function ipv4Address(): Rule {
  return rule(
    (value) => parseAddress(value)?.kind() !== 'ipv6',
    'an IPv4 address, as the networks of the edge cluster are IPv4',
    "Give the server's IPv4 address.",
  );
}

/** Requests and limits of a container. */
export function podResources(): Rule {
  const fields: Readonly<Record<keyof KinsPodResources, Rule>> = {
    cpuRequest: optional(cpuQuantity()),
    cpuLimit: optional(cpuQuantity()),
    memoryRequest: optional(bytesQuantity()),
    memoryLimit: optional(bytesQuantity()),
  };
  return optional(shape(fields));
}
