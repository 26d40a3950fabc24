import { Construct } from 'constructs';
import * as library from '../../lib';

/** Names of the constructs that a program can make. */
export const CONSTRUCTS: readonly string[] = Object.entries<unknown>(library).flatMap(([name, exported]) =>
  typeof exported === 'function' && exported.prototype instanceof Construct ? [name] : [],
);
