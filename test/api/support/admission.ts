import { applyServerSide, createNamespace, removeNamespace } from './apply';
import type { Cluster } from './cluster';
import type { KubeObject } from './objects';
import { eventually } from './poll';

/** A check of a Pod Security Standard that a workload does not pass. */
export interface Violation {
  /** As the API server names it: `host namespaces`, `hostPath volumes`, `privileged`, `restricted volume types`... */
  readonly check: string;
  /** What in the pod it is about: `hostNetwork=true`. */
  readonly detail: string;
}

/**
 * What the PodSecurity admission of the API server says about a pod or a workload's pod template, in a namespace that warns
 * at this level. Nothing is stored, and the ServiceAccount and volumes it names need not exist.
 * @param level `baseline` or `restricted`
 */
export async function podSecurityViolations(
  cluster: Cluster,
  workload: KubeObject,
  level: string,
): Promise<readonly Violation[]> {
  const namespace = await createNamespace(cluster, { 'pod-security.kubernetes.io/warn': level });
  try {
    const moved = { ...workload, metadata: { ...workload.metadata, namespace } };
    const [result] = await applyServerSide(cluster, [moved], { dryRun: true });
    if (result!.outcome === 'error') throw new Error(`${result!.object}: ${String(result!.message)}`);
    return result!.warnings.flatMap((warning) => {
      const [, list] = /^would violate PodSecurity "[^"]+": (.*)$/s.exec(warning) ?? [];
      return list === undefined ? [] : violations(list);
    });
  } finally {
    await removeNamespace(cluster, namespace);
  }
}

/**
 * What the API server's type checking finds in the expressions of an applied ValidatingAdmissionPolicy; empty when all is well.
 * Needs the controller manager (`cluster.access.controllers`).
 */
export async function policyWarnings(cluster: Cluster, policy: KubeObject): Promise<readonly string[]> {
  if (!cluster.access.controllers) throw new Error('type checking of policies needs kube-controller-manager');
  const status = await eventually(`policy ${policy.metadata.name} is type checked`, async () => {
    const current = await cluster.get(policy);
    const found = current?.status as PolicyStatus | undefined;
    return found?.observedGeneration === current?.metadata.generation ? found : undefined;
  });
  const warnings = status.typeChecking?.expressionWarnings ?? [];
  return warnings.map(({ fieldRef, warning }) => `${fieldRef}: ${warning}`);
}

interface PolicyStatus {
  readonly observedGeneration?: number;
  readonly typeChecking?: { readonly expressionWarnings?: readonly { fieldRef: string; warning: string }[] };
}

/** `check (detail), check (detail)`; a detail has commas and parentheses of its own. */
function violations(list: string): Violation[] {
  const found: Violation[] = [];
  let depth = 0;
  let start = 0;
  for (let index = 0; index <= list.length; index++) {
    const character = list[index];
    if (character === '(') depth++;
    if (character === ')') depth--;
    if (character !== undefined && (character !== ',' || depth > 0)) continue;
    const [, check, detail] = /^([^(]+?)(?: \((.*)\))?$/s.exec(list.slice(start, index).trim()) ?? [];
    found.push({ check: check ?? '', detail: detail ?? '' });
    start = index + 1;
  }
  return found;
}
