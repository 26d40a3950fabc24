import type { PropsCheck } from '../core/props-check';
import { bool, enumOf, firstOf, optional, problem, rule, shape } from '../core/rules';
import type { Rule } from '../core/rule';
import { IpFamily } from './ip-family';

/** The pod network of a user cluster. */
export interface CniPlugin {
  /** The plugin. */
  readonly type: CniPluginType;

  /**
   * Version of Canal: `v3.31`. Must be given for Canal and left out for `NONE`. KKP 2.29 has v3.28 to v3.30, KKP 2.30 and 2.31
   * have v3.29 to v3.31; all of them still accept v3.21 and later, which they call deprecated.
   * @default - none
   */
  readonly version?: string;

  /**
   * Accepts versions of Canal after v3.31 unchecked, for a KKP that is newer than 2.31. Its webhook rejects unknown
   * versions.
   * @default false
   */
  readonly allowLaterVersion?: boolean;
}

/**
 * Plugins that work on edge. Cilium is not one of them: KKP installs it as an application with settings for clouds, and its
 * maintainers declare it unsupported on edge, although nothing refuses it.
 */
export enum CniPluginType {
  /** Calico's policies over flannel's network. What KKP uses for edge. */
  CANAL = 'canal',
  /** KKP installs nothing: bring your own, or pods get no addresses. */
  NONE = 'none',
}

/**
 * Versions that KKP's webhook accepts: supported and deprecated ones of releases 2.29 to 2.31.
 * @see https://github.com/kubermatic/kubermatic/blob/main/pkg/cni/version.go
 */
const CANAL = { first: 21, last: 31 };
const ALLOWED =
  "'v3.29', 'v3.30', 'v3.31', or from 'v3.21' on, which KKP calls deprecated (KKP 2.29 to 2.31; 'v3.31' since 2.30)";
const REMEDY = 'Choose one of these; for a KKP that has later ones, set allowLaterVersion: true.';

/** The only one of KKP's versions that does not support dual stack. */
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
  version: optional(rule((value) => minorOf(value) >= CANAL.first, ALLOWED, REMEDY)),
  allowLaterVersion: optional(bool()),
});

/** The 31 of `v3.31`; NaN of anything else. */
function minorOf(version: unknown): number {
  return Number(typeof version === 'string' ? /^v3\.([1-9]\d{0,3})$/.exec(version)?.[1] : undefined);
}

/** Checks across the fields, as far as these are valid by themselves. */
export function checkCniPlugin(check: PropsCheck, cni: CniPlugin | undefined, ipFamily: IpFamily | undefined): void {
  if (cni === undefined || !check.areFine('cniPlugin.type', 'cniPlugin.version')) return;
  const { type, version, allowLaterVersion = false } = cni;
  if (type === CniPluginType.CANAL && version === undefined) {
    check.add(
      'cniPlugin.version',
      version,
      ALLOWED,
      'Leave out cniPlugin altogether to get the version that KKP recommends.',
    );
  }
  if (type === CniPluginType.NONE && version !== undefined) {
    check.add('cniPlugin.version', version, 'nothing, because KKP installs no plugin', 'Leave it out.');
  } else if (minorOf(version) > CANAL.last && !allowLaterVersion && check.areFine('cniPlugin.allowLaterVersion')) {
    check.add('cniPlugin.version', version, ALLOWED, REMEDY);
  }
  if (ipFamily === IpFamily.DUAL_STACK && version === SINGLE_STACK_CANAL) {
    check.add('cniPlugin.version', version, 'v3.22 or later for dual stack', 'Choose a later version.');
  }
}
