import type { ApiObject, Chart } from 'cdk8s';
import type { IConstruct } from 'constructs';
import { type AnyManifest, listedObjects, mayBeList } from '../../core/listed-objects';
import { isSharedObject } from '../../core/edge-object';
import { parseAddress, plainAddress } from '../../core/grammars/networks';
import { isPlainObject } from '../../core/rules';
import { KinsCluster } from '../../kins/kins-cluster';
import { NodeUnit } from '../../superedge/node-unit';
import { clusterOfSiteChart } from '../cluster-names';
import { contentHash } from '../../render/content-hash';
import type { Site } from '../site';

/** Kinds of things that must be unique within a scope: a cluster or a network. */
export enum FactKind {
  NODE_NAME = 'node',
  ADDRESS = 'address',
  UNIT_NODE = 'unit',
  SUBJECT_NAME = 'san',
  TUNNEL_NAME = 'tunnel',
  OBJECT = 'object',
  NODE_PORT = 'nodePort',
  DATACENTER = 'datacenter',
  GITOPS_NAME = 'gitops',
}

/** Something that only one site, chart or unit may have. */
export interface Fact {
  readonly kind: FactKind;
  /** The cluster or network within which it must be unique. */
  readonly scope: string;
  readonly name: string;
  /** Where it is declared: a construct path, or a field of a site. */
  readonly path: string;
  /** Two declarations with the same content count as one: shared namespaces, or a KinsCluster with a NodeUnit. */
  readonly content?: string;
}

/** What is known of a site before its constructs are made. */
export function factsOfSite(site: Site, field: string): readonly Fact[] {
  return site.nodes.flatMap(({ name, address }, i): Fact[] => [
    { kind: FactKind.NODE_NAME, scope: site.clusters.cloudCluster, name, path: `${field}.nodes[${i}].name` },
    ...(address === undefined
      ? []
      : [
          {
            kind: FactKind.ADDRESS,
            scope: site.network,
            name: plainAddress(address),
            path: `${field}.nodes[${i}].address`,
          },
        ]),
  ]);
}

/** What a chart's constructs and objects claim. */
export function factsOfChart(
  chart: Chart,
  constructs: readonly IConstruct[],
  objects: readonly ApiObject[],
  site: Site | undefined,
): readonly Fact[] {
  const scope = clusterOfSiteChart(chart, site?.clusters);
  return [
    ...constructs.flatMap((construct) => factsOfUnit(construct, scope, site)),
    ...objects.flatMap((object) => factsOfObject(object, scope)),
  ];
}

function factsOfUnit(construct: IConstruct, scope: string, site: Site | undefined): readonly Fact[] {
  if (!(construct instanceof NodeUnit || construct instanceof KinsCluster)) return [];
  const { path } = construct.node;
  const content = `${site?.name ?? ''}/${construct.name}`;
  const nodes = construct.nodes.map((name): Fact => ({ kind: FactKind.UNIT_NODE, scope, name, path, content }));
  return construct instanceof KinsCluster
    ? [...nodes, ...subjectNames(construct, site), ...tunnelName(construct)]
    : nodes;
}

/**
 * The name that a proxy is asked for. A proxy inside a cluster resolves only the Services of that cluster, which are
 * compared as objects; a proxy that is reached from outside may lead to several clusters.
 */
function tunnelName({ servers, name: unit, node: { path }, kubeconfig }: KinsCluster): readonly Fact[] {
  const { hostname, host } = new URL(kubeconfig.tunnelProxyUrl);
  const isInside =
    parseAddress(hostname) === undefined && (/\.svc(\.|$)/.test(hostname) || hostname.split('.').length < 3);
  if (servers.length === 0 || isInside) return [];
  const name = `${unit}-svc-kins.${kubeconfig.namespace}`;
  return [{ kind: FactKind.TUNNEL_NAME, scope: host, name, path, content: path }];
}

/** Names of its own Service and addresses of its nodes are left out, because objects and nodes are compared anyway. */
function subjectNames(
  { subjectNames, name: unit, node: { path } }: KinsCluster,
  site: Site | undefined,
): readonly Fact[] {
  const known = new Set(site?.nodes.map(({ address }) => address && plainAddress(address)));
  return [...new Set(subjectNames.map(plainAddress))]
    .filter((name) => !known.has(name) && !name.startsWith(`${unit}-`))
    .map((name) => ({
      kind: FactKind.SUBJECT_NAME,
      // In another network, the same address is another machine; a DNS name is the same everywhere.
      scope: parseAddress(name) === undefined ? '' : `network ${site?.network ?? ''}`,
      name,
      path,
    }));
}

function factsOfObject(object: ApiObject, scope: string): readonly Fact[] {
  if (mayBeList(object.kind)) {
    const manifest = object.toJson() as AnyManifest;
    const listed = listedObjects(manifest);
    if (listed[0] !== manifest) return listed.flatMap((each) => factsOfListed(each, object, scope));
  }
  const { kind, apiVersion, name, metadata } = object;
  const manifest = (): AnyManifest => object.toJson() as AnyManifest;
  const isShared = kind === 'Namespace' || isSharedObject(object);
  return factsOf({ kind, apiVersion, name, namespace: metadata.namespace, isShared, manifest }, object, scope);
}

/** Facts about objects, including items of lists. An object without a name gets one from the API server. */
function factsOfListed(manifest: AnyManifest, { node }: ApiObject, scope: string): readonly Fact[] {
  const { apiVersion, kind, metadata } = manifest;
  const { name, namespace } = isPlainObject(metadata) ? metadata : {};
  if (typeof apiVersion !== 'string' || typeof kind !== 'string' || typeof name !== 'string') return [];
  const place = typeof namespace === 'string' ? namespace : undefined;
  const isShared = kind === 'Namespace';
  return factsOf({ kind, apiVersion, name, namespace: place, isShared, manifest: () => manifest }, { node }, scope);
}

interface Named {
  readonly kind: string;
  readonly apiVersion: string;
  readonly name: string;
  readonly namespace: string | undefined;
  /** Whether several charts may contain an object if it is identical: the namespace of their objects. */
  readonly isShared: boolean;
  /** The manifest, made only for the few kinds whose content matters. */
  readonly manifest: () => AnyManifest;
}

function factsOf(
  { kind, apiVersion, name, namespace, isShared, manifest }: Named,
  { node: { path } }: Pick<ApiObject, 'node'>,
  scope: string,
): readonly Fact[] {
  const group = apiVersion.includes('/') ? `.${apiVersion.slice(0, apiVersion.indexOf('/'))}` : '';
  const own: Fact = {
    kind: FactKind.OBJECT,
    scope,
    // An object without a namespace is in the default one, unless it is applied with another.
    name: `${kind}${group} ${namespace === undefined || namespace === 'default' ? '' : `${namespace}/`}${name}`,
    path,
    content: isShared ? contentHash(JSON.stringify(manifest())) : undefined,
  };
  if (kind === 'Service') return [own, ...nodePorts(manifest(), path, scope)];
  if (kind === 'Seed') return [own, ...datacenters(manifest(), path, scope)];
  return [own];
}

interface ServiceManifest {
  readonly spec?: { readonly ports?: readonly { readonly nodePort?: number; readonly protocol?: string }[] };
}

function nodePorts(service: AnyManifest, path: string, scope: string): readonly Fact[] {
  const { spec } = service as ServiceManifest;
  return (spec?.ports ?? []).flatMap(({ nodePort, protocol = 'TCP' }) =>
    nodePort === undefined ? [] : [{ kind: FactKind.NODE_PORT, scope, name: `${nodePort}/${protocol}`, path }],
  );
}

function datacenters(seed: AnyManifest, path: string, scope: string): readonly Fact[] {
  const { spec } = seed as { readonly spec?: { readonly datacenters?: object } };
  return Object.keys(spec?.datacenters ?? {}).map((name) => ({ kind: FactKind.DATACENTER, scope, name, path }));
}
