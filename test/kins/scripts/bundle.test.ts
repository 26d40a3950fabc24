import { spawnSync } from 'node:child_process';
import type { k8s } from 'cdk8s-plus-27';
import { AutonomyLevel } from '../../../lib';
import { kinsObjects } from '../../support/units';
import { PARTS, prepareStandby, standbyEnvironment, type Part } from './support/standby';
import { inEachShell, World } from './support/world';

/** What runc is told, as far as it matters here. */
interface Bundle {
  readonly root: { readonly path: string; readonly readonly: boolean };
  readonly process: {
    readonly args: readonly string[];
    readonly env: readonly string[];
    readonly user: { readonly uid: number; readonly gid: number };
    readonly noNewPrivileges?: boolean;
    readonly capabilities: Readonly<Record<string, readonly string[]>>;
  };
  readonly mounts: readonly {
    readonly type: string;
    readonly source: string;
    readonly destination: string;
    readonly options?: readonly string[];
  }[];
  readonly linux: {
    readonly cgroupsPath: string;
    readonly namespaces: readonly { readonly type: string }[];
    readonly rootfsPropagation: string;
    readonly maskedPaths?: readonly string[];
    readonly readonlyPaths?: readonly string[];
    readonly resources: { readonly devices: readonly { readonly allow: boolean; readonly access: string }[] };
  };
}

/** The container of a part, whatever else its pod has. */
const CONTAINER: Readonly<Record<Part, string>> = { cri: 'containerd', agent: 'agent', server: 'server' };

interface RenderedPod {
  readonly spec: k8s.PodSpec & { readonly hostPID?: boolean };
  readonly container: k8s.Container;
}

/** A registry with a Secret, so that the pod of the agent has all that it may have. */
const OBJECTS = kinsObjects('test', AutonomyLevel.L4, {
  registries: { 'r.example.com': { caSecret: { secretName: 'r' } } },
});

function podOf(part: Part): RenderedPod {
  const workload = OBJECTS.find(({ kind, metadata }) => kind === 'DaemonSet' && metadata.name === `test-${part}-kins`);
  const { spec } = (workload?.spec as { template: { spec: RenderedPod['spec'] } }).template;
  const container = spec.containers.find(({ name }) => name === CONTAINER[part]);
  if (container === undefined) throw new Error(`no container ${CONTAINER[part]}`);
  return { spec, container };
}

/** How a folder is seen, the same for pods and for runc. */
interface Seen {
  readonly from: string;
  readonly isReadOnly: boolean;
  readonly propagation?: string;
}

/** Where pods have what the kit has. */
const KIT = '/etc/kins/';

const PROPAGATION: Readonly<Record<string, string>> = { Bidirectional: 'rshared', HostToContainer: 'rslave' };

/** What a container has mounted, but for what comes from the cloud and is in the kit. */
function mountsOfPod({ spec, container }: RenderedPod): Record<string, Seen> {
  const volumes = new Map((spec.volumes ?? []).map((volume) => [volume.name, volume]));
  return Object.fromEntries(
    (container.volumeMounts ?? []).flatMap(({ name, mountPath, subPath, readOnly = false, mountPropagation }) => {
      const volume = volumes.get(name);
      const host = volume?.hostPath?.path;
      if (mountPath.startsWith(KIT)) return [];
      if (host === undefined && volume?.emptyDir === undefined) throw new Error(`what is ${name} at ${mountPath}?`);
      const propagation = PROPAGATION[mountPropagation ?? ''] ?? 'rprivate';
      const seen: Seen =
        host === undefined
          ? { from: 'memory', isReadOnly: readOnly }
          : { from: subPath === undefined ? host : `${host}/${subPath}`, isReadOnly: readOnly, propagation };
      return [[mountPath, seen]];
    }),
  );
}

/** Volumes of a container whose files are in the kit instead, or nowhere. */
const fromCloud = ({ spec, container }: RenderedPod): string[] => {
  const kept = new Set(Object.keys(mountsOfPod({ spec, container })));
  return (container.volumeMounts ?? []).flatMap(({ mountPath }) => (kept.has(mountPath) ? [] : [mountPath])).sort();
};

function mountsOfBundle({ mounts }: Bundle): Record<string, Seen> {
  return Object.fromEntries(
    mounts.map(({ type, source, destination, options = [] }) => {
      const isReadOnly = options.includes('ro');
      if (type !== 'bind') return [destination, { from: type === 'tmpfs' ? 'memory' : type, isReadOnly }];
      expect([destination, options]).toEqual([destination, expect.arrayContaining(['rbind'])]);
      return [
        destination,
        { from: source, isReadOnly, propagation: options.find((word) => /^r(shared|slave|private)$/.test(word)) },
      ];
    }),
  );
}

/** What a container runtime gives to every container, and runc only to those that ask. */
const RELEASE = '/var/lib/kins/test/releases/r1';
const given = (from: string): Seen => ({ from, isReadOnly: true, propagation: 'rprivate' });
const OF_ALL: Readonly<Record<string, Seen>> = {
  '/proc': { from: 'proc', isReadOnly: false },
  // The image.
  ...Object.fromEntries(['bin', 'etc/ssl', 'lib', 'usr'].map((name) => [`/${name}`, given(`${RELEASE}/${name}`)])),
  // What a kubelet makes for each pod.
  '/etc/hosts': given('/run/kins/test/standby/PART/hosts'),
  '/etc/resolv.conf': given('/etc/resolv.conf'),
  // The root has no room of its own: it is in memory.
  '/tmp': { from: 'memory', isReadOnly: false },
};
const OF_PRIVILEGED: Readonly<Record<string, Seen>> = {
  '/dev': { from: '/dev', isReadOnly: false, propagation: 'rslave' },
  '/sys': { from: '/sys', isReadOnly: false, propagation: 'rslave' },
};
const OF_UNPRIVILEGED: Readonly<Record<string, Seen>> = {
  '/dev': { from: 'memory', isReadOnly: false },
  '/dev/pts': { from: 'devpts', isReadOnly: false },
  '/dev/shm': { from: 'memory', isReadOnly: false },
  '/sys': { from: 'sysfs', isReadOnly: true },
};

/** What comes from the cloud, and is in the kit; Secrets of registries stay in the memory of their pod. */
const IN_KIT: Readonly<Record<Part, readonly string[]>> = {
  cri: ['/etc/kins/config', '/etc/kins/scripts', '/etc/kins/state'],
  agent: ['/etc/kins/config', '/etc/kins/registries', '/etc/kins/scripts', '/etc/kins/secrets', '/etc/kins/state'],
  server: ['/etc/kins/config', '/etc/kins/scripts', '/etc/kins/secrets', '/etc/kins/state'],
};

inEachShell((shell) => {
  let world: World;
  const bundles = async (): Promise<Readonly<Record<Part, Bundle>>> => {
    const run = await world.run(shell, 'standby.sh', { env: standbyEnvironment(world), args: ['test'] });
    expect(run.code).toBe(0);
    const places: readonly (readonly [string, string])[] = [
      [world.at('lib'), '/var/lib/kins'],
      [world.at('run'), '/run/kins'],
      [world.at('xtables.lock'), '/run/xtables.lock'],
      [world.at('resolv.conf'), '/etc/resolv.conf'],
    ];
    const read = (part: Part): Bundle => {
      const text = world.read(`config-${part}.json`);
      return JSON.parse(places.reduce((all, [here, there]) => all.replaceAll(here, there), text)) as Bundle;
    };
    return { cri: read('cri'), agent: read('agent'), server: read('server') };
  };
  let all: Readonly<Record<Part, Bundle>>;
  beforeAll(async () => {
    world = new World();
    prepareStandby(world);
    all = await bundles();
  });
  afterAll(() => {
    world.dispose();
  });

  test.each(PARTS)('the %s sees what its pod sees, in the same places', (part) => {
    const pod = podOf(part);
    const isPrivileged = pod.container.securityContext?.privileged === true;
    const common = { ...OF_ALL, '/etc/hosts': given(`/run/kins/test/standby/${part}/hosts`) };
    expect(mountsOfBundle(all[part])).toEqual({
      ...common,
      ...(isPrivileged ? OF_PRIVILEGED : OF_UNPRIVILEGED),
      ...mountsOfPod(pod),
    });
    expect(fromCloud(pod)).toEqual(IN_KIT[part]);
  });

  test.each(PARTS)('the %s has the rights of its pod', (part) => {
    const { spec, container } = podOf(part);
    const rights = { ...spec.securityContext, ...container.securityContext };
    const { process, root, linux } = all[part];
    expect(process.user).toEqual({ uid: rights.runAsUser ?? 0, gid: rights.runAsGroup ?? 0 });
    expect(process.noNewPrivileges ?? false).toBe(rights.allowPrivilegeEscalation === false);
    expect(root.readonly).toBe(rights.readOnlyRootFilesystem === true);
    expect(linux.resources.devices).toEqual([{ allow: rights.privileged === true, access: 'rwm' }]);
    // Of the kernel's settings, those without rights see what every pod does.
    const hides =
      linux.maskedPaths?.includes('/proc/kcore') === true && linux.readonlyPaths?.includes('/proc/sys') === true;
    expect(hides).toBe(rights.privileged !== true);
    if (rights.privileged === true) {
      const { bounding = [], effective, permitted } = process.capabilities;
      expect(bounding).toHaveLength(41);
      expect([effective, permitted]).toEqual([bounding, bounding]);
    } else {
      expect(rights.capabilities).toEqual({ drop: ['ALL'] });
      expect(process.capabilities).toEqual({});
    }
  });

  test.each(PARTS)('the %s has the namespaces of its pod', (part) => {
    const { spec } = podOf(part);
    const own = all[part].linux.namespaces.map(({ type }) => type).sort();
    expect(spec.hostNetwork).toBe(true);
    // A pod that shares one among its containers has one of its own, too.
    expect(own).toEqual(spec.hostPID === true ? ['ipc', 'mount'] : ['ipc', 'mount', 'pid']);
  });

  test.each(PARTS)('the %s is in a cgroup of the unit, by which its end is waited for', (part) => {
    expect(all[part].linux.cgroupsPath).toBe(`/kins-test/standby/${part}`);
  });

  test('root gives no right that it does not have itself', async () => {
    // As in a container without CAP_SYS_MODULE, which is the 17th.
    world.write('status', 'CapBnd:\t000001fffffeffff\n');
    const { bounding = [] } = (await bundles()).cri.process.capabilities;
    expect(bounding).toHaveLength(40);
    expect(bounding).not.toContain('CAP_SYS_MODULE');
    expect(bounding).toEqual(expect.arrayContaining(['CAP_CHOWN', 'CAP_SYS_ADMIN', 'CAP_CHECKPOINT_RESTORE']));
  });

  test('a release that an earlier version has copied has programs only', async () => {
    for (const folder of ['etc', 'lib', 'usr']) world.remove(`lib/test/releases/r1/${folder}`);
    const seen = Object.keys(mountsOfBundle((await bundles()).cri));
    expect(seen).toContain('/bin');
    for (const place of ['/etc/ssl', '/lib', '/usr', '/lib64']) expect(seen).not.toContain(place);
  });

  describe('what runs there', () => {
    /** As runc starts it, but with the files of the test. */
    const started = (part: Part): { code: number | null; said: string } => {
      const { args, env } = (JSON.parse(world.read(`config-${part}.json`)) as Bundle).process;
      const own = Object.fromEntries(env.map((line) => /^(\w+)=(.*)$/s.exec(line)?.slice(1) as [string, string]));
      const { status, stdout } = spawnSync(String(args[0]), args.slice(1), {
        env: { ...own, PATH: '/usr/bin:/bin' },
        encoding: 'utf8',
      });
      return { code: status, said: stdout };
    };
    const kits = (part: Part): string => (part === 'server' ? 'lib/test/server/standby' : `lib/test/standby/${part}`);

    test.each(PARTS)('is for the pod of the %s to run where that has left nothing', (part) => {
      expect(started(part)).toEqual({ code: 75, said: '' });
    });

    test.each(PARTS)('is the newest that the pod of the %s was given', (part) => {
      world.write(`${kits(part)}/k1/scripts/enter.sh`, 'echo "$1 $2 $HERE $RELEASE"; exit 9\n');
      world.write(`${kits(part)}/current`, 'k1\n');
      const kit = world.at(`${kits(part)}/k1`);
      expect(started(part)).toEqual({ code: 9, said: `${kit} ${part}.sh 192.0.2.20 r1\n` });
    });
  });
});
