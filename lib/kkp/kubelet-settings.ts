import type { PropsCheck } from '../core/props-check';
import { bytesQuantity, countQuantity, cpuQuantity } from '../core/grammars/quantities';
import { firstOf, integer, optional, problem, shape } from '../core/rules';
import type { Rule } from '../core/rule';

/**
 * Settings of the kubelet, mainly for small devices. They take effect when the device is provisioned and become
 * annotations, which must not change afterwards.
 */
export interface KubeletSettings {
  /** Maximum number of pods on the node. @default - 110, the kubelet's own */
  readonly maxPods?: number;

  /** Size at which a container's log is rotated, a quantity: `20Mi`. @default - 100Mi */
  readonly containerLogMaxSize?: string;

  /** How many rotated log files are kept for each container, 2 to 100. @default - 5 */
  readonly containerLogMaxFiles?: number;

  /** How full the disk may get before unused images are removed, in percent. @default - 85, the kubelet's own */
  readonly imageGcHighThresholdPercent?: number;

  /** Disk usage down to which unused images are removed, in percent. @default - 80, the kubelet's own */
  readonly imageGcLowThresholdPercent?: number;

  /**
   * Kept free for Kubernetes itself, quantities for `cpu`, `memory`, `ephemeral-storage` and `pid`. What is given
   * replaces the default as a whole.
   * @default - cpu 200m, memory 200Mi, ephemeral-storage 1Gi
   */
  readonly kubeReserved?: Readonly<Record<string, string>>;

  /** Kept free for the operating system, as `kubeReserved`. @default - cpu 200m, memory 200Mi, ephemeral-storage 1Gi */
  readonly systemReserved?: Readonly<Record<string, string>>;

  /**
   * What must stay free; pods are evicted below it. Quantities or percentages for `memory.available`,
   * `nodefs.available`, `nodefs.inodesFree`, `imagefs.available`, `imagefs.inodesFree` and `pid.available`. What is given
   * replaces the default as a whole.
   * @default - memory.available 100Mi, nodefs.available 10%, nodefs.inodesFree 5%, imagefs.available 15%
   */
  readonly evictionHard?: Readonly<Record<string, string>>;
}

const PREFIX = 'v1.kubelet-config.machine-controller.kubermatic.io';

const percent = integer({ min: 0, max: 100, unit: 'percent' });

/** A quantity, or a share of all that there is. */
const threshold =
  (inner: Rule): Rule =>
  (value, field) =>
    typeof value === 'string' && /^([1-9]\d?)(\.\d+)?%$/.test(value)
      ? []
      : inner(value, field).map((found) => ({ ...found, allowed: `${found.allowed}, or a percentage like 10%` }));

const bytesLeft = optional(threshold(bytesQuantity()));
const countLeft = optional(threshold(countQuantity()));
const bytesKept = optional(bytesQuantity({ zero: true }));
const reserved = notEmpty(
  shape({
    cpu: optional(cpuQuantity({ zero: true })),
    memory: bytesKept,
    'ephemeral-storage': bytesKept,
    pid: optional(countQuantity({ zero: true })),
  }),
);
const evictionSignals = notEmpty(
  shape({
    'memory.available': bytesLeft,
    'nodefs.available': bytesLeft,
    'nodefs.inodesFree': countLeft,
    'imagefs.available': bytesLeft,
    'imagefs.inodesFree': countLeft,
    'pid.available': countLeft,
  }),
);

export const KUBELET_FIELDS: Rule = shape({
  maxPods: optional(integer({ min: 1, max: 500 })),
  containerLogMaxSize: optional(bytesQuantity()),
  containerLogMaxFiles: optional(integer({ min: 2, max: 100 })),
  imageGcHighThresholdPercent: optional(percent),
  imageGcLowThresholdPercent: optional(percent),
  kubeReserved: optional(reserved),
  systemReserved: optional(reserved),
  evictionHard: optional(evictionSignals),
});

function notEmpty(map: Rule): Rule {
  return firstOf(map, (value, field) =>
    Object.keys(value as object).length > 0
      ? []
      : [problem(field, value, 'at least one entry', 'Leave the field out to keep the default.')],
  );
}

const PERCENTAGES = ['imageGcHighThresholdPercent', 'imageGcLowThresholdPercent'] as const;

/** Checks across the fields: the lower threshold for images must be below the upper one. */
export function checkKubelet(check: PropsCheck, kubelet: KubeletSettings | undefined): void {
  if (kubelet === undefined || !check.areFine(...PERCENTAGES.map((each) => `kubelet.${each}`))) return;
  const { imageGcHighThresholdPercent: high = 85, imageGcLowThresholdPercent: low = 80 } = kubelet;
  if (low < high) return;
  check.add(
    'kubelet.imageGcLowThresholdPercent',
    low,
    `less than imageGcHighThresholdPercent, which is ${high}`,
    'The kubelet does not start otherwise.',
  );
}

/** The annotations from which KKP's operating-system-manager reads kubelet settings. */
export function kubeletAnnotations(kubelet: KubeletSettings): Record<string, string> {
  const settings: Record<string, string | number | undefined> = {
    MaxPods: kubelet.maxPods,
    ContainerLogMaxSize: kubelet.containerLogMaxSize,
    ContainerLogMaxFiles: kubelet.containerLogMaxFiles,
    ImageGCHighThresholdPercent: kubelet.imageGcHighThresholdPercent,
    ImageGCLowThresholdPercent: kubelet.imageGcLowThresholdPercent,
    KubeReserved: kubelet.kubeReserved && pairs(kubelet.kubeReserved, '='),
    SystemReserved: kubelet.systemReserved && pairs(kubelet.systemReserved, '='),
    // With '<' and not '=', because a threshold is written as the condition for eviction.
    EvictionHard: kubelet.evictionHard && pairs(kubelet.evictionHard, '<'),
  };
  return Object.fromEntries(
    Object.entries(settings).flatMap(([name, value]) =>
      value === undefined ? [] : [[`${PREFIX}/${name}`, String(value)]],
    ),
  );
}

function pairs(map: Readonly<Record<string, string>>, sign: string): string {
  return Object.entries(map)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${name}${sign}${value}`)
    .join(',');
}
