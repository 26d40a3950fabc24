// Names that only one construct of a cluster can claim: see claim() in lib/core/claims.

/** For nodes: a node is in one unit (or KinsCluster) of an app. */
export const NODE_CLAIM = 'node of a NodeUnit';

/** For unit names: a unit and a KinsCluster of one name would write the same objects. */
export const UNIT_NAME_CLAIM = 'name of a NodeUnit';

/** For group names. */
export const GROUP_NAME_CLAIM = 'name of a NodeGroup';
