/** What is known of the K3s releases of one Kubernetes minor. */
export interface K3sMinor {
  /** `35` of `v1.35.1+k3s1`. */
  readonly minor: number;
  /** When Kubernetes published the first release of this minor, as `YYYY-MM-DD`. K3s follows within weeks. */
  readonly released: string;
  /** The minor of the etcd that servers run. When it changes, a server cannot go back without a restore. */
  readonly etcd: string;
  /** Why units do not take this minor unless that is asked for; left out if they do. */
  readonly unsupported?: string;
  /** The release that units are tested with on real nodes; left out if there is none. */
  readonly tested?: string;
  /** Releases of this minor that keep a CPU core of a server busy after a restart, and the release that fixed it. */
  readonly busyAfterRestart?: { readonly releases: readonly string[]; readonly fixedIn: string };
  /** The oldest release of this minor from which the next minor can be taken; left out if any will do. */
  readonly leaveFrom?: { readonly release: string; readonly why: string };
}

/**
 * The minors, oldest first and without a gap. Units need containerd 2, which K3s has since 1.33.
 *
 * A new minor is added within two months: `test/k3s/minors.test.ts` fails after that. It is supported once its changelog
 * was read for the options that units set, `test/e2e/k3s-options` has passed with its program, and, if `etcd` differs from
 * the minor before, an upgrade from that was tried.
 * @see https://kubernetes.io/releases/
 * @see https://docs.k3s.io/release-notes/v1.36.X
 */
export const K3S_MINORS: readonly K3sMinor[] = [
  {
    minor: 33,
    released: '2025-04-23',
    etcd: '3.5',
    busyAfterRestart: { releases: ['v1.33.7+k3s3'], fixedIn: 'v1.33.8+k3s1' },
    leaveFrom: {
      release: 'v1.33.8+k3s1',
      why:
        'from older ones etcd 3.6 takes over members that were removed long ago, and may not start ' +
        '(https://github.com/k3s-io/k3s/issues/13485)',
    },
  },
  {
    minor: 34,
    released: '2025-08-27',
    etcd: '3.6',
    busyAfterRestart: { releases: ['v1.34.3+k3s3'], fixedIn: 'v1.34.4+k3s1' },
  },
  {
    minor: 35,
    released: '2025-12-17',
    etcd: '3.6',
    tested: 'v1.35.1+k3s1',
    busyAfterRestart: { releases: ['v1.35.0+k3s3'], fixedIn: 'v1.35.1+k3s1' },
  },
  { minor: 36, released: '2026-04-22', etcd: '3.6' },
  {
    minor: 37,
    released: '2026-08-26',
    etcd: '3.7',
    unsupported: 'it comes with another minor of etcd, and no unit has been upgraded to it yet',
  },
];

/** The minors that units take without being asked, oldest first. */
export const SUPPORTED_MINORS: readonly number[] = K3S_MINORS.filter(
  ({ unsupported }) => unsupported === undefined,
).map(({ minor }) => minor);

/** What is known of a minor; `undefined` if it is not in the table. */
export function k3sMinor(minor: number): K3sMinor | undefined {
  return K3S_MINORS.find((each) => each.minor === minor);
}
