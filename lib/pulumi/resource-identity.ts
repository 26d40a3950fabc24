import * as pulumi from '@pulumi/pulumi';
import type { IConstruct } from 'constructs';
import type { Problem } from '../core/problem';
import { mapOf, optional, problem, shape, text } from '../core/rules';

/** Where objects were registered before a chart's resources took them over. */
export interface ChartAliases {
  /**
   * Name of the `ConfigGroup` (of `kubernetes.yaml` or `kubernetes.yaml.v2`) that held the objects. It must have been at
   * the top level of the program and have used its own name as prefix, or none, which are the defaults.
   * @default - the objects were not in one
   */
  readonly configGroup?: string;

  /**
   * Constructs that were renamed or moved: new path -> old path, both relative to the chart. A path includes everything
   * below it.
   * @default - none
   */
  readonly renamed?: Readonly<Record<string, string>>;
}

const ALIAS_FIELDS = {
  configGroup: optional(text()),
  renamed: optional(mapOf(text(), text())),
};

/** Problems of aliases. An alias that matches nothing would otherwise go unnoticed until objects are replaced. */
export function aliasProblems(aliases: ChartAliases, chart: IConstruct): readonly Problem[] {
  const problems = shape(ALIAS_FIELDS)(aliases, 'aliases');
  if (problems.length > 0) return problems;
  return Object.keys(aliases.renamed ?? {})
    .filter((now) => now.split('/').reduce<IConstruct | undefined>(childOf, chart) === undefined)
    .map((now) => {
      const remedy = 'The new path comes first, then the old one: { new: old }.';
      return problem(
        'aliases.renamed key',
        now,
        `a path of chart '${chart.node.path}', without the chart's own`,
        remedy,
      );
    });
}

function childOf(parent: IConstruct | undefined, id: string): IConstruct | undefined {
  return parent?.node.tryFindChild(id);
}

/**
 * Pulumi's type token for the kind of an object. It is that of the class in `@pulumi/kubernetes`, so that Pulumi treats
 * both alike.
 */
export function typeToken(apiVersion: string, kind: string, isPatch: boolean): string {
  const group = apiVersion.includes('/') ? apiVersion : `core/${apiVersion}`;
  return `kubernetes:${group}:${kind}${isPatch ? 'Patch' : ''}`;
}

/** Name of an object's resource. It is made from the path of the construct, so it does not change with the object's name. */
export function resourceName(component: string, path: string): string {
  return `${component}/${path}`;
}

/** The names that an object may already have in the state. */
export function aliasesOf(
  component: string,
  path: string,
  manifest: Readonly<Record<string, unknown>>,
  aliases: ChartAliases,
  formerNames: readonly string[],
): pulumi.Alias[] {
  // Most paths begin with the name of the component, which is then replaced, too.
  const found: pulumi.Alias[] = formerNames.map((former) => ({
    name: resourceName(former, path.startsWith(component) ? former + path.slice(component.length) : path),
  }));
  const renamed = Object.entries(aliases.renamed ?? {}).find(([now]) => path === now || path.startsWith(`${now}/`));
  if (renamed !== undefined) {
    const [now, before] = renamed;
    found.push({ name: resourceName(component, before + path.slice(now.length)) });
  }
  const { configGroup } = aliases;
  return configGroup === undefined ? found : [...found, ...configGroupAliases(configGroup, manifest)];
}

/** Names that a component had before, according to its aliases. */
export function formerNamesOf({ aliases = [] }: pulumi.ComponentResourceOptions = {}): readonly string[] {
  if (!Array.isArray(aliases)) return [];
  return aliases.flatMap((alias: unknown) => {
    const name = typeof alias === 'string' ? alias.split('::').at(-1) : (alias as pulumi.Alias | null)?.name;
    return typeof name === 'string' ? [name] : [];
  });
}

function configGroupAliases(group: string, manifest: Readonly<Record<string, unknown>>): pulumi.Alias[] {
  const { name, namespace } = manifest.metadata as { readonly name?: unknown; readonly namespace?: unknown };
  // ConfigGroup could not use a name that is an Output either.
  if (typeof name !== 'string') return [];
  const id = typeof namespace === 'string' ? `${namespace}/${name}` : name;
  const parent = (type: string): string =>
    `urn:pulumi:${pulumi.getStack()}::${pulumi.getProject()}::kubernetes:${type}::${group}`;
  return [
    { name: `${group}:${id}`, parent: parent('yaml/v2:ConfigGroup') },
    { name: id, parent: parent('yaml:ConfigGroup') },
  ];
}
