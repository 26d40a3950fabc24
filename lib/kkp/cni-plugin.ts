import type { PropsCheck } from '../core/props-check';
import { enumOf, firstOf, optional, pattern, problem, shape, type Rule } from '../core/rules';
import { IpFamily } from './ip-family';

/** The pod network of a user cluster. */
export interface CniPlugin {
  /** Which plugin. */
  readonly type: CniPluginType;

  /**
   * Version of Canal: `v3.31`. Must be given for Canal and left out for `NONE`.
   * @default - none
   */
  readonly version?: string;
}

/**
 * Plugins that work on edge. Cilium is none of them: KKP installs it as an application with settings for clouds, and its
 * maintainers declare it unsupported on edge, although nothing refuses it.
 */
export enum CniPluginType {
  /** Calico's policies over flannel's network. What KKP takes for edge. */
  CANAL = 'canal',
  /** KKP installs nothing: bring your own, or pods get no addresses. */
  NONE = 'none',
}

// Of the versions that KKP still takes, the only one without dual stack.
const SINGLE_STACK_CANAL = 'v3.21';

const pluginType: Rule = firstOf(
  (value, field) =>
    value === 'cilium'
      ? [
          problem(
            field,
            value,
            "'canal', 'none'",
            'KKP does not support Cilium on edge: it would need settings that KKP does not make. Use CniPluginType.CANAL.',
          ),
        ]
      : [],
  enumOf(CniPluginType, 'CniPluginType'),
);

export const CNI_FIELDS: Rule = shape({
  type: pluginType,
  version: optional(
    pattern(/^v3\.(2[1-9]|[3-9]\d)$/, "a minor version of Canal from v3.21, like 'v3.31'", 'Write it with the v.'),
  ),
});

/** Checks across the fields, which are valid by themselves. */
export function checkCniPlugin(check: PropsCheck, cni: CniPlugin, ipFamily: IpFamily): void {
  const { type, version } = cni;
  if (type === CniPluginType.CANAL && version === undefined) {
    check.add(
      'cniPlugin.version',
      version,
      "a minor version of Canal, like 'v3.31'",
      'Leave out cniPlugin altogether to get the version that KKP recommends.',
    );
  }
  if (type === CniPluginType.NONE && version !== undefined) {
    check.add('cniPlugin.version', version, 'nothing, because KKP installs no plugin', 'Leave it out.');
  }
  if (ipFamily === IpFamily.DUAL_STACK && version === SINGLE_STACK_CANAL) {
    check.add('cniPlugin.version', version, 'v3.22 or later for dual stack', 'Choose a later version.');
  }
}
