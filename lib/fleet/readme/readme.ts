import { ClusterLevel } from '../../core/cluster-level';

/** Files of an output folder that are applied together. */
export interface ReadmeEntry {
  /** Path below the output folder; a folder ends with a slash. For sites, it contains `<site>` in the place of names. */
  readonly path: string;
  /** Whether the folder has a `kustomization.yaml`. */
  readonly isKustomization: boolean;
  /** The level of the clusters; `undefined` when the objects say nothing of it. */
  readonly level: ClusterLevel | undefined;
  /** The clusters, by the names that the program gives them. */
  readonly clusters: readonly string[];
}

/** What the README of an output folder says. */
export interface ReadmeContent {
  /** In the order of the program, dependencies first. */
  readonly entries: readonly ReadmeEntry[];
  /** Folders of the objects of GitOps controllers, by the controller. */
  readonly flux: readonly string[];
  readonly argoCd: readonly string[];
  /** Whether units of edge nodes are declared. */
  readonly hasUnits: boolean;
  /** Whether machines are declared. */
  readonly hasMachines: boolean;
  /** The folder of the programs for devices, if they are written. */
  readonly deviceFolder: string | undefined;
  /** The list of the files, below the output folder. */
  readonly list: string;
}

/** Levels, in the order in which their objects depend on each other, and their descriptions. */
const LEVELS: readonly (readonly [ClusterLevel | undefined, string])[] = [
  [ClusterLevel.KKP_MASTER, "KKP's master cluster"],
  [ClusterLevel.KKP_SEED, 'KKP seed cluster'],
  [ClusterLevel.KKP_USER_CLUSTER, 'KKP user cluster, once it is running'],
  [ClusterLevel.CLOUD_CLUSTER, 'the cluster that edge nodes have joined'],
  [undefined, 'the cluster that edge nodes have joined, unless something else is set'],
  [ClusterLevel.EDGE_CLUSTER, "the site's own K3s cluster, once it is running"],
];

/** What a README of this library begins with. */
export const README_MARK = '# Manifests of edge sites\n\nWritten by edge-constructs.';

const APPLY = 'apply --server-side --field-manager=kubectl-edge-constructs';

/** The placeholder for the names of sites in paths. */
export const SITE = '<site>';

/** The README of one of the apps that write to a folder. */
export function readmeFile(app: string | undefined): string {
  return app === undefined ? 'README.md' : `README-${app}.md`;
}

/** The README of an output folder, the same for the same program: a new site of a fleet changes nothing in it. */
export function readme(content: ReadmeContent): string {
  const entries = [...content.entries].sort((a, b) => rank(a) - rank(b));
  const paragraphs = [
    `${README_MARK} Change the program that generates these files, not the files: its next run overwrites them. ` +
      `\`${content.list}\` lists them; commit it with them, so that a run in a fresh clone knows what it may delete.`,
    '## Files',
    'Apply from top to bottom, each to the cluster in its row.',
    table(entries),
    ...(content.flux.length + content.argoCd.length > 0 ? ['## By GitOps', ...gitOps(content)] : []),
    '## By hand',
    'Run this in this folder, with the contexts of your kubeconfig in place of the cluster names. Running a line again ' +
      'changes nothing.',
    `\`\`\`sh\n${entries.flatMap(commands).join('\n')}\n\`\`\``,
    ...(content.hasMachines ? ['## Devices', ...devices(content)] : []),
    '## What to do when ...',
    whenToDoWhat(content),
  ];
  return `${paragraphs.join('\n\n')}\n`;
}

function rank({ level }: ReadmeEntry): number {
  return LEVELS.findIndex(([each]) => each === level);
}

function table(entries: readonly ReadmeEntry[]): string {
  const lines = entries.map((entry) => {
    const { path, clusters } = entry;
    return `| ${code(path)} | ${clusters.map(code).join(', ')} | ${LEVELS[rank(entry)]?.[1] ?? ''} |`;
  });
  return ['| Files | Cluster | What it is |', '| --- | --- | --- |', ...lines].join('\n');
}

function commands({ path, isKustomization, clusters }: ReadmeEntry): string[] {
  const option = isKustomization ? '--kustomize' : '--filename';
  if (!path.includes(SITE)) {
    if (clusters.length > 1) return [`# ${path} has objects for ${clusters.join(', ')}: apply each to its own cluster`];
    return clusters.map((cluster) => `kubectl --context ${cluster} ${APPLY} ${option} ${path}`);
  }
  const [before = '', after = ''] = path.split(SITE);
  if (clusters.length > 1 || clusters.some((cluster) => cluster.includes(SITE))) {
    const context = `# <cluster>: that of the site, ${clusters.length > 1 ? 'one of ' : ''}${clusters.join(', ')}`;
    return [context, `kubectl --context '<cluster>' ${APPLY} ${option} '${path}'`];
  }
  // Not every site has each chart.
  const each = `${before}*${after}`;
  return clusters.map(
    (cluster) => `for files in ${each}; do kubectl --context ${cluster} ${APPLY} ${option} "$files"; done`,
  );
}

function gitOps({ flux, argoCd }: ReadmeContent): string[] {
  const folders = (names: readonly string[]): string => names.map((name) => code(`${name}/`)).join(', ');
  return [
    ...(flux.length === 0
      ? []
      : [`Flux: have a Kustomization of yours apply ${folders(flux)}; this creates those of the sites.`]),
    ...(argoCd.length === 0
      ? []
      : [`Argo CD: apply ${folders(argoCd)} to its namespace; this creates the Applications.`]),
  ];
}

function devices({ deviceFolder }: ReadmeContent): string[] {
  const needs =
    'A program turns a device into a node: pipe it to the standard input of `sudo -n sh` on the device, followed by the secrets ' +
    "that KKP has created. The guide 'Provisioning' of edge-constructs has the commands for ssh, Ansible and cloud-init.";
  if (deviceFolder === undefined) {
    return [
      `${needs} The \`deviceScripts\` option of FleetApp writes this program, and so does \`provisioningSupervisor()\` of a machine.`,
    ];
  }
  return [
    needs,
    [
      '| Program | What it does |',
      '| --- | --- |',
      `| ${code(`${deviceFolder}/<cluster>/<machine>.provision.sh`)} | turns a device into the node of its machine; a second run finds nothing to do |`,
      `| ${code(`${deviceFolder}/<cluster>/<machine>.decommission.sh`)} | takes the machine off its device; run it before the machine is deleted |`,
    ].join('\n'),
  ];
}

function whenToDoWhat({ hasUnits, hasMachines, flux, argoCd }: ReadmeContent): string {
  const isApplied = flux.length + argoCd.length > 0 ? 'push' : 'apply';
  const lines = [
    `- **Something changes:** change the program, run it, review the diff in Git, and ${isApplied}.`,
    '- **A file is gone from this folder:** its objects stay in their cluster until you delete them there.',
  ];
  if (hasUnits) {
    lines.push(
      '- **A unit is to be removed:** set its `autonomyLevel` to L3. **That destroys its K3s cluster and all its data.** When its ' +
        '`recycle` pods are ready on all nodes, remove it from the program.',
      '- **A unit at L4 or L5 is deleted or changed in a way that would cost its data:** the cluster refuses, and says why ' +
        'and what to do.',
    );
  }
  if (hasMachines) {
    lines.push('- **A device is replaced:** decommission it, delete its Node, and declare a machine with a new name.');
  }
  return lines.join('\n');
}

function code(text: string): string {
  return `\`${text}\``;
}
