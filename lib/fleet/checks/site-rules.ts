import { dnsLabel, dnsSubdomain, labelKey, labelValue } from '../../core/grammars/names';
import { cidr, ipAddress } from '../../core/grammars/networks';
import {
  enumOf,
  firstOf,
  isPlainObject,
  listOf,
  mapOf,
  optional,
  pattern,
  problem,
  rule,
  shape,
} from '../../core/rules';
import type { Rule } from '../../core/rule';
import { AutonomyLevel } from '../../superedge/autonomy-level';

/** How deep maps and lists may be nested in a site's values, because code that reads them may be recursive. */
export const DEEPEST_VALUE = 32;

/** A port range as text: `30000-30099`. */
const PORT_RANGE: Rule = firstOf(
  pattern(/^[0-9]{1,5}-[0-9]{1,5}$/, 'two ports separated by a hyphen', 'Write it like 30000-30099.'),
  rule(
    (value) => {
      const [from = 0, to = 0] = String(value).split('-').map(Number);
      return from >= 1 && to >= from && to <= 65535;
    },
    'ports from 1 to 65535, the lower one first',
    'Write it like 30000-30099.',
  ),
);

/** Edge clusters take these sizes (see `KinsClusterProps`). */
const POD_RANGE: Rule = cidr({ minPrefix: 8, maxPrefix: 22 });
const SERVICE_RANGE: Rule = cidr({ minPrefix: 12, maxPrefix: 24 });

const clusterName = optional(dnsSubdomain());

const SETTINGS: Readonly<Record<string, Rule>> = {
  nodes: optional(
    listOf(shape({ name: dnsSubdomain(), address: optional(ipAddress()) }), {
      uniqueBy: (node) => (node as { readonly name: string }).name,
    }),
  ),
  autonomyLevel: optional(enumOf(AutonomyLevel, 'AutonomyLevel')),
  network: optional(dnsLabel()),
  clusters: optional(
    shape({
      kkpMaster: clusterName,
      kkpSeed: clusterName,
      kkpUserCluster: clusterName,
      cloudCluster: clusterName,
      edgeCluster: clusterName,
    }),
  ),
  ranges: optional(
    shape({ pods: optional(POD_RANGE), services: optional(SERVICE_RANGE), nodePorts: optional(PORT_RANGE) }),
  ),
  labels: optional(mapOf(labelKey(), labelValue())),
  values: optional(jsonMap()),
};

const settingsByName = optional(mapOf(dnsLabel(), shape(SETTINGS)));

/** One site, as declared in TypeScript or read from a file. */
const SITE: Rule = shape({
  name: dnsLabel(),
  template: optional(dnsLabel()),
  region: optional(dnsLabel()),
  ring: optional(dnsLabel()),
  ...SETTINGS,
});

/** The settings around the sites. */
export const FLEET_DATA: Readonly<Record<string, Rule>> = {
  defaults: optional(shape(SETTINGS)),
  templates: settingsByName,
  regions: settingsByName,
  rings: settingsByName,
  sites: optional(listOf(SITE)),
};

/** A map of JSON values. Their depth is limited, because they are merged and copied. */
function jsonMap(): Rule {
  return (value, field) => {
    if (!isPlainObject(value)) return [problem(field, value, 'a map', 'Give a map of names to values.')];
    const found = firstNotJson(value, field, 0);
    return found === undefined ? [] : [found];
  };
}

function firstNotJson(value: unknown, field: string, depth: number): ReturnType<typeof problem> | undefined {
  if (depth > DEEPEST_VALUE) {
    return problem(field, value, `values nested at most ${DEEPEST_VALUE} levels deep`, 'Make it flatter.');
  }
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return undefined;
  if (typeof value === 'number' && Number.isFinite(value)) return undefined;
  const entries = Array.isArray(value)
    ? value.map((item: unknown, i): [string, unknown] => [`${field}[${i}]`, item])
    : isPlainObject(value)
      ? Object.entries(value).map(([key, item]): [string, unknown] => [`${field}.${key}`, item])
      : undefined;
  if (entries === undefined) {
    return problem(field, value, 'strings, numbers, booleans, null, and lists and maps of these', 'Use such a value.');
  }
  if (Object.hasOwn(value as object, '__proto__')) {
    const remedy = 'Rename it: programs that read it may mistake it for something else.';
    return problem(`${field} key`, '__proto__', 'any other name', remedy);
  }
  for (const [name, item] of entries) {
    const found = firstNotJson(item, name, depth + 1);
    if (found !== undefined) return found;
  }
  return undefined;
}
