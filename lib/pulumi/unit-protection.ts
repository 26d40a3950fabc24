import * as pulumi from '@pulumi/pulumi';
import type { Chart } from 'cdk8s';
import { KinsCluster } from '../kins/kins-cluster';
import { isPlaceholder } from '../core/placeholders/placeholder';
import { foundingRefusal } from '../kins/guard/founding';
import { versionRefusal } from '../kins/guard/version-step';
import { COMPONENT_LABEL } from '../kins/names';
import { AutonomyLevel, hasOwnCluster } from '../superedge/autonomy-level';
import { NodeUnit } from '../superedge/node-unit';
import { ToldError } from './told-error';

/**
 * Stands for a unit that must not be destroyed while it has a cluster of its own. It is protected in the state, so `pulumi
 * destroy`, which does not run the program, stops before it touches anything, and shows its name to the user.
 */
class UnitProtection extends pulumi.ComponentResource {
  constructor(unit: string, isProtected: boolean, parent: pulumi.Resource, objects: pulumi.Resource[]) {
    // It depends on all objects, so it would be deleted first; if that fails, they are left alone, even without a preview.
    const options = { parent, protect: isProtected, dependsOn: objects };
    super('edge-constructs:index:UnitProtection', advice(unit), {}, options);
    this.registerOutputs();
  }
}

// The text is part of a URN, so it must not depend on the level.
function advice(unit: string): string {
  return `unit ${unit} has a cluster of its own at L4 and L5; set autonomyLevel to L3 and run pulumi up, then delete it`;
}

/** Protects the units of a chart that are at L4 or L5. */
export function protectUnits(parent: pulumi.Resource, chart: Chart, objects: pulumi.Resource[]): void {
  const names = new Map<string, boolean>();
  for (const construct of chart.node.findAll()) {
    if (construct instanceof KinsCluster || construct instanceof NodeUnit) {
      const isProtected = hasOwnCluster(construct.autonomyLevel);
      // Part of a URN, which can't contain unknown values.
      const unit = isPlaceholder(construct.name) ? construct.node.id : construct.name;
      names.set(unit, isProtected || names.get(unit) === true);
    }
  }
  for (const [unit, isProtected] of names) new UnitProtection(unit, isProtected, parent, objects);
}

/** A text that says what has to be done before a unit can be deleted. */
export function deletionAdvice(unit: string, level: AutonomyLevel): string {
  return hasOwnCluster(level)
    ? `Unit ${unit} is at ${level}: set autonomyLevel to L3 and run 'pulumi up', which takes the edge cluster and its data off the nodes, then remove the unit or run 'pulumi destroy'.`
    : `Unit ${unit} is at ${level} and can be deleted.`;
}

/** Whether the engine runs hooks. `pulumi.runtime.setMocks`, with which users test their programs, does not. */
export function hasHooks(): boolean {
  const monitor = pulumi.runtime.getMonitor() as { readonly registerResourceHook?: unknown } | undefined;
  return typeof monitor?.registerResourceHook === 'function';
}

/** Whether an object is the ConfigMap that keeps a unit's level in the cluster. */
export function isGuard({ kind, metadata }: Readonly<Record<string, unknown>>): boolean {
  const { labels } = metadata as { readonly labels?: Readonly<Record<string, string>> };
  return kind === 'ConfigMap' && labels?.[COMPONENT_LABEL] === 'guard';
}

/**
 * Refuses a step from L5 to L4, other servers, other networks and releases that skip a minor, in previews too, because the
 * cluster's own guard only checks actual changes.
 */
export function levelHook(resource: string): pulumi.ResourceHook {
  return new pulumi.ResourceHook(`level of ${resource}`, refuseLoss, { onDryRun: true });
}

/** @throws Error when a change of the guard's ConfigMap shows that the unit would lose its data, or could not take it */
export function refuseLoss(change: pulumi.ResourceHookArgs): void {
  refuseShrinking(change);
  const { oldInputs, newInputs } = change;
  const unit = String((newInputs?.data as { readonly unit?: unknown } | undefined)?.unit);
  const [before, after] = [annotationsOf(oldInputs), annotationsOf(newInputs)];
  const refusal = foundingRefusal(unit, before, after) ?? versionRefusal(unit, before, after);
  if (refusal !== undefined) throw new ToldError(refusal);
}

/** The annotations, without those that are unknown in a preview. */
function annotationsOf(inputs: Readonly<Record<string, unknown>> | undefined): Record<string, string> {
  const { annotations } = (inputs?.metadata ?? {}) as { readonly annotations?: Readonly<Record<string, unknown>> };
  const known = Object.entries(annotations ?? {}).filter(
    (each): each is [string, string] => typeof each[1] === 'string' && each[1] !== pulumi.runtime.unknownValue,
  );
  return Object.fromEntries(known);
}

function refuseShrinking({ oldInputs, newInputs }: pulumi.ResourceHookArgs): void {
  const [before, after] = [levelOf(oldInputs), levelOf(newInputs)];
  if (before !== AutonomyLevel.L5 || after !== AutonomyLevel.L4) return;
  throw new ToldError(
    "A unit at L5 can't be set to L4: two of its three servers would take the majority with them. Keep L5, or save what " +
      'you need from the edge cluster, set it to L3, run pulumi up, and then set it to L4.',
  );
}

function levelOf(inputs: Readonly<Record<string, unknown>> | undefined): unknown {
  return (inputs?.data as { readonly level?: unknown } | undefined)?.level;
}
