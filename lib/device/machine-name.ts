import { dnsLabel } from '../core/grammars/names';
import type { Rule } from '../core/rule';

/** Name of a machine. With 63 characters or more, KKP omits the namespace from the name of the bootstrap token. */
export const MACHINE_NAME: Rule = dnsLabel({ longestDerived: (name) => `kube-system-${name}`, maxLength: 62 });
