import { dnsLabel } from '../core/grammars/names';
import type { Rule } from '../core/rule';

/** Name of a machine. From 63 characters on, KKP leaves the namespace out of the name of the bootstrap token. */
export const MACHINE_NAME: Rule = dnsLabel({ longestDerived: (name) => `kube-system-${name}`, maxLength: 62 });
