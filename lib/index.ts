/**
 * Constructs for cdk8s.
 *
 * @module edge-constructs
 */
export * from './core';
export * from './kkp';
export * from './device';
export * from './superedge';
export * from './fleet';
export * from './k3s';
export * from './kins';
