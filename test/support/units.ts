import { AutonomyLevel, KinsCluster, type KinsClusterProps } from '../../lib';
import type { KubeObject } from '../api/support/objects';
import { render } from './render';

/** Renders a KinsCluster of three nodes. */
export function kinsObjects(unit: string, level: AutonomyLevel, props: Partial<KinsClusterProps> = {}): KubeObject[] {
  return render((chart) => {
    new KinsCluster(chart, unit, { nodes: ['edge1', 'edge2', 'edge3'], autonomyLevel: level, ...props });
  });
}

export const LEVELS = [AutonomyLevel.L3, AutonomyLevel.L4, AutonomyLevel.L5] as const;
