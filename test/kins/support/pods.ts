import type { k8s } from 'cdk8s-plus-27';
import { AutonomyLevel, type KinsClusterProps } from '../../../lib';
import type { KubeObject } from '../../api/support/objects';
import { find } from '../../support/render';
import { kinsObjects } from '../../support/units';

export const PARTS = ['server', 'cri', 'agent'] as const;
export type Part = (typeof PARTS)[number] | 'recycle';

export function podOf(objects: readonly KubeObject[], part: Part): k8s.PodSpec {
  const spec = find(objects, 'DaemonSet', `test-${part}-kins`).spec as k8s.DaemonSetSpec;
  if (spec.template.spec === undefined) throw new Error('a pod template without a spec');
  return spec.template.spec;
}

export const pod = (part: Part, props: Partial<KinsClusterProps> = {}, level = AutonomyLevel.L4): k8s.PodSpec =>
  podOf(kinsObjects('test', level, props), part);
export const container = (spec: k8s.PodSpec, name: string): k8s.Container => {
  const found = [...spec.containers, ...(spec.initContainers ?? [])].find((each) => each.name === name);
  if (found === undefined) throw new Error(`no container ${name}`);
  return found;
};
export const envOf = (spec: k8s.PodSpec, name: string): Record<string, string | undefined> =>
  Object.fromEntries((container(spec, name).env ?? []).map((each) => [each.name, each.value]));
