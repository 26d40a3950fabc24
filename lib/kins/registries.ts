import type { k8s } from 'cdk8s-plus-27';
import { derive } from '../core/placeholders/placeholder';
import { hasOwnPath, mirrorUrlOf } from '../core/grammars/registry-mirror';
import type { KinsModel } from './model';
import { kinsPaths, KINS_NAMESPACE } from './names';
import type { KinsRegistry, KinsRegistryMirror } from './registry-props';

/** Stands for all registries that are not configured otherwise. */
export const WILDCARD = '*';

/** Where the Secrets of registries are mounted in the agent. */
export const REGISTRY_SECRETS = '/etc/kins/registries';

/** The host that serves images of docker.io. */
const DOCKER_HUB = 'registry-1.docker.io';

/** Where the agent writes containerd's registry configuration; in memory only. */
export function registriesFolder(unit: string): string {
  return `${kinsPaths(unit).run}/registries`;
}

/**
 * The files of a ConfigMap from which the agent makes containerd's registry configuration: `registry.<folder>.toml` for
 * every registry, `registry.<folder>.crt` for a CA, and `registries`, which lists what comes from Secrets. The name of a
 * file depends only on its registry, so that a pod never mistakes the file of one registry for that of another when some
 * are added.
 */
export function registryFiles(model: KinsModel): Readonly<Record<string, string>> {
  const { unit, registryMirrors, registries } = model;
  const names = [...new Set([...Object.keys(registryMirrors), ...Object.keys(registries)])].sort();
  const files: Record<string, string> = {};
  for (const name of names) {
    const parts = { unit, name, mirror: registryMirrors[name], registries: withoutSecrets(registries) };
    files[`registry.${folderOf(name)}.toml`] = derive('registry', parts, hostsToml);
    const ca = registries[name]?.ca;
    if (ca !== undefined) files[`registry.${folderOf(name)}.crt`] = derive('CA', ca, (text) => `${text.trim()}\n`);
  }
  const list = secretUses(model).map(({ line }) => `${line}\n`);
  return list.length === 0 ? files : { ...files, registries: list.join('') };
}

/** Mounts the Secrets of registries, if there are any. Missing ones do not keep pods from starting. */
export function registriesVolume(model: KinsModel): k8s.Volume[] {
  const sources = secretUses(model).flatMap(({ folder, secret, items }) => ({
    secret: {
      name: secret,
      optional: true,
      items: Object.entries(items).map(([use, key]) => ({ key, path: `${folder}/${use}` })),
    },
  }));
  return sources.length === 0 ? [] : [{ name: 'registries', projected: { defaultMode: 0o400, sources } }];
}

/** A use of a Secret by a registry. */
interface SecretUse {
  readonly folder: string;
  readonly secret: string;
  /** Key in the Secret by the name of the file. */
  readonly items: Readonly<Record<string, string>>;
  /** The line for `registries.sh`: KIND FOLDER SECRET KEY OTHER HOST... */
  readonly line: string;
}

function secretUses({ registries }: KinsModel): readonly SecretUse[] {
  return Object.keys(registries)
    .sort()
    .flatMap((name) => {
      const { auth, caSecret, clientCertificate } = registries[name] ?? {};
      const folder = folderOf(name);
      const use = (kind: string, secret: string, items: SecretUse['items'], ...hosts: string[]): SecretUse => {
        const [key = '', other = '-'] = Object.values(items);
        return {
          folder,
          secret,
          items,
          line: [kind, folder, `${KINS_NAMESPACE}/${secret}`, key, other, ...hosts].join(' '),
        };
      };
      const uses: SecretUse[] = [];
      if (auth?.identityTokenKey !== undefined) {
        uses.push(use('token', auth.secretName, { token: auth.identityTokenKey }, ...hostsOf(name)));
      } else if (auth !== undefined) {
        const { usernameKey: username = 'username', passwordKey: password = 'password' } = auth;
        uses.push(use('basic', auth.secretName, { username, password }, ...hostsOf(name)));
      }
      if (caSecret !== undefined)
        uses.push(use('ca', caSecret.secretName, { 'ca.crt': caSecret.key ?? 'ca.crt' }, name));
      if (clientCertificate !== undefined) {
        const { certificateKey = 'tls.crt', privateKeyKey = 'tls.key' } = clientCertificate;
        const items = { 'tls.crt': certificateKey, 'tls.key': privateKeyKey };
        uses.push(use('client', clientCertificate.secretName, items, name));
      }
      return uses;
    });
}

/** Name of a registry's folder as containerd looks it up. A colon, which keys of ConfigMaps can't have, is replaced. */
function folderOf(name: string): string {
  return name === WILDCARD ? '_default' : name.replace(/:(\d+)$/, '_$1_');
}

/** Spellings of a host by which containerd may look up its credential: with and without the default port. */
function hostsOf(name: string): string[] {
  if (name === 'docker.io') return [name, DOCKER_HUB];
  return name.endsWith(':443')
    ? [name, name.slice(0, -':443'.length)]
    : name.includes(':')
      ? [name]
      : [name, `${name}:443`];
}

/** Host and port of a URL as written; empty if it is not a URL. */
export function hostOf(url: unknown): string {
  return typeof url === 'string' ? (/^[a-z]+:\/\/([^/?#@]+)/.exec(url)?.[1] ?? '') : '';
}

/** TLS settings that the configuration of a registry contains for a host. */
interface Trust {
  readonly isPlain: boolean;
  readonly hasCa: boolean;
  readonly hasClientCertificate: boolean;
}

function withoutSecrets(registries: Readonly<Record<string, KinsRegistry>>): Readonly<Record<string, Trust>> {
  return Object.fromEntries(
    Object.entries(registries).map(([name, registry]) => [
      name,
      {
        isPlain: registry.plainHttp === true,
        hasCa: registry.ca !== undefined || registry.caSecret !== undefined,
        hasClientCertificate: registry.clientCertificate !== undefined,
      },
    ]),
  );
}

interface RegistryParts {
  readonly unit: string;
  readonly name: string;
  readonly mirror: KinsRegistryMirror | undefined;
  readonly registries: Readonly<Record<string, Trust>>;
}

/**
 * The settings of a registry, which containerd reads at every pull. A registry that is listed gets a file even without
 * settings, so that those of `'*'` do not apply to it.
 */
function hostsToml({ unit, name, mirror, registries }: RegistryParts): string {
  const own = registries[name];
  const itself = `${own?.isPlain === true ? 'http' : 'https'}://${name === 'docker.io' ? DOCKER_HUB : name}`;
  const urls = (mirror?.endpoints ?? []).map(mirrorUrlOf);
  const rewrites = mirror?.rewrites ?? {};
  const settings = (url: string): string[] => [
    'capabilities = ["pull", "resolve"]',
    ...(hasOwnPath(url) ? ['override_path = true'] : []),
    ...trustLines(unit, registries, url),
  ];
  const last = urls.at(-1);
  const endsThere = mirror?.fallback === false || last === itself;
  const server = endsThere ? last : own === undefined ? undefined : itself;
  const hosts = endsThere ? urls.slice(0, -1) : urls;
  const blocks = hosts.map((url) => [
    `[host.${toml(url)}]`,
    ...settings(url).map((line) => `  ${line}`),
    ...rewriteLines(`host.${toml(url)}.rewrite`, rewrites).map((line) => `  ${line}`),
  ]);
  const top =
    server === undefined
      ? []
      : [[`server = ${toml(server)}`, ...settings(server), ...rewriteLines('rewrite', endsThere ? rewrites : {})]];
  return [...top, ...blocks].map((lines) => `${lines.join('\n')}\n`).join('\n');
}

function rewriteLines(table: string, rewrites: Readonly<Record<string, string>>): string[] {
  const lines = Object.entries(rewrites)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([pattern, result]) => `  ${toml(pattern)} = ${toml(result)}`);
  return lines.length === 0 ? [] : [`[${table}]`, ...lines];
}

function trustLines(unit: string, registries: Readonly<Record<string, Trust>>, url: string): string[] {
  const host = hostOf(url);
  const found = Object.entries(registries).find(([name]) => hostsOf(name).includes(host));
  if (found === undefined) return [];
  const [name, trust] = found;
  const file = (use: string): string => toml(`${registriesFolder(unit)}/tls/${folderOf(name)}/${use}`);
  return [
    ...(trust.hasCa ? [`ca = [${file('ca.crt')}]`] : []),
    ...(trust.hasClientCertificate ? [`client = [[${file('tls.crt')}, ${file('tls.key')}]]`] : []),
  ];
}

/** A TOML basic string; JSON strings are valid ones. */
function toml(text: string): string {
  return JSON.stringify(text);
}
