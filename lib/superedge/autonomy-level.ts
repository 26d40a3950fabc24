/**
 * How much a site can do while it is cut off from the cloud.
 * @see https://github.com/superedge/superedge/blob/main/docs/proposals/2022-11-04-edge-kins-autonomy.md
 */
export enum AutonomyLevel {
  /**
   * Each node keeps running what it has, but nothing can be created, changed or deleted while the cloud is out of reach.
   * No K3s. Setting a unit back to this level destroys its K3s cluster.
   */
  L3 = 'L3',
  /** The site has a K3s cluster of its own with one server: it can be operated offline. Needs at least one node. */
  L4 = 'L4',
  /**
   * The site has a K3s cluster of its own with three servers: it can be operated offline and survives the loss of one
   * node. Needs at least three nodes.
   */
  L5 = 'L5',
}

/** Whether a unit of this level has a K3s cluster of its own. */
export function hasOwnCluster(level: AutonomyLevel | undefined): boolean {
  return level === AutonomyLevel.L4 || level === AutonomyLevel.L5;
}

/** How many nodes a unit of this level needs: as many as it has K3s servers. */
export function serverCount(level: AutonomyLevel): number {
  return { [AutonomyLevel.L3]: 0, [AutonomyLevel.L4]: 1, [AutonomyLevel.L5]: 3 }[level];
}

/** Why what belongs to a unit with a K3s cluster of its own can't be deleted. */
export function deletionRefusal(unit: string, level: string): string {
  return `NodeUnit ${unit} is at ${level}: downgrade it to ${AutonomyLevel.L3} before deleting it`;
}
