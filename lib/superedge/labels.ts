/** The API version of SuperEdge's site objects. The older v1alpha1 must not be used: a write through it drops the level. */
export const SITE_API_VERSION = 'site.superedge.io/v1alpha2';

/** The value of the label that puts a node into a unit; its key is the unit's name. */
export const NODE_UNIT_LABEL_VALUE = 'nodeunits.superedge.io';

/** The value of the label that puts a unit into a group; its key is the group's name. */
export const NODE_GROUP_LABEL_VALUE = 'nodegroups.superedge.io';

/** The label of the nodes that run a K3s server. */
export const KINS_ROLE_LABEL = 'site.superedge.io/kins-role';

/** The key of the taint that keeps pods of the cloud cluster off the nodes of a unit with a K3s cluster. */
export const KINS_TAINT_KEY = 'kins';

/** Where everything of the units' K3s clusters lives in the cloud cluster. */
export const KINS_NAMESPACE = 'kins-system';

/** What SuperEdge creates by itself when it starts. */
export const DEFAULT_NODE_UNIT = 'unit-node-all';

/** Prefix of the annotations of this library. */
export const OWN_ANNOTATION_PREFIX = 'edge-constructs.io/';

/** The true level of a unit whose resource says L3 because a KinsCluster acts on it. */
export const AUTONOMY_LEVEL_ANNOTATION = `${OWN_ANNOTATION_PREFIX}autonomy-level`;

/**
 * On objects whose deletion a KinsCluster refuses: why, and what to do, because objects don't show that a policy protects
 * them.
 */
export const DELETION_ANNOTATION = `${OWN_ANNOTATION_PREFIX}deletion`;

/** Label of every object and pod that a KinsCluster has; its value is the unit's name. */
export const UNIT_LABEL = `${OWN_ANNOTATION_PREFIX}unit`;
