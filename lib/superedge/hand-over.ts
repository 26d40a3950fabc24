import { EdgeConstructsError } from '../core/error';
import type { Problem } from '../core/problem';
import { problem } from '../core/rules';
import { AUTONOMY_LEVEL_ANNOTATION, DELETION_ANNOTATION, UNIT_LABEL } from './labels';
import { deletionRefusal, hasOwnCluster } from './autonomy-level';
import { recordOf } from './membership';
import type { NodeUnit } from './node-unit';

/**
 * Why a KinsCluster can't act on a unit; used by the check of its props.
 * @internal
 */
export function handOverProblems(unit: NodeUnit, field = 'nodeUnit'): readonly Problem[] {
  const { model, handedOverTo } = recordOf(unit);
  const { path } = unit.node;
  const found: Problem[] = [];
  if (handedOverTo !== undefined) {
    found.push(
      problem(
        field,
        path,
        `a unit that no other KinsCluster acts on; '${handedOverTo}' already does`,
        'Declare one KinsCluster per unit.',
      ),
    );
  }
  if (model.selector !== undefined) {
    found.push(
      problem(
        field,
        path,
        'a unit whose nodes are all named: a KinsCluster pins its pods to nodes, and this unit has a selector',
        'Name the nodes in the unit and remove its selector.',
      ),
    );
  }
  if (Object.keys(model.parameters).length > 0) {
    found.push(
      problem(
        field,
        path,
        "a unit without unitCluster: those are parameters of SuperEdge's own K3s, which is not created then",
        'Remove unitCluster from the unit and give image and ports to the KinsCluster.',
      ),
    );
  }
  return found;
}

/**
 * Lets a KinsCluster act on a unit. From then on, the unit's resource is rendered at L3, with the true level in an
 * annotation, and without what SuperEdge's controller would write at L4 or L5.
 *
 * @param unit the unit
 * @param by path of the KinsCluster
 * @throws {@link EdgeConstructsError} when another KinsCluster has it, or its nodes are not all named
 * @internal
 */
export function handOver(unit: NodeUnit, by: string): void {
  const problems = handOverProblems(unit);
  if (problems.length > 0) throw new EdgeConstructsError(by, 'KinsCluster', problems);
  const record = recordOf(unit);
  record.handedOverTo = by;
  const { name, level } = record.model;
  record.object?.metadata.addAnnotation(AUTONOMY_LEVEL_ANNOTATION, level);
  if (hasOwnCluster(level)) {
    record.object?.metadata.addAnnotation(DELETION_ANNOTATION, `refused: ${deletionRefusal(name, level)}`);
  }
  // By this label, the guard of the KinsCluster selects what it protects.
  record.object?.metadata.addLabel(UNIT_LABEL, name);
}
