import { basename } from 'node:path';
import { readScript } from '../../shell/read';

/** Scripts of a component by the names of their files, which all lie in one folder of its pods. */
export type Scripts = Readonly<Record<string, string>>;

/** Scripts of the server pods. */
export const SERVER_SCRIPTS = withSourced('check.sh', 'publish.sh', 'ready.sh', 'server.sh', 'tokens.sh');

/** Scripts of the cri pods. */
export const CRI_SCRIPTS = withSourced('check.sh', 'cri.sh', 'prepare.sh', 'registries-ready.sh', 'stop-workloads.sh');

/** Scripts of the agent pods. */
export const AGENT_SCRIPTS = withSourced('access.sh', 'agent.sh', 'ready.sh');

/** Scripts of the pods that take a unit off its nodes. */
export const RECYCLE_SCRIPTS = withSourced('recycle.sh');

/** What the containers of a component run, with all that these source, as they tell shellcheck. */
function withSourced(...names: readonly string[]): Scripts {
  const scripts = new Map<string, string>();
  const add = (path: string): void => {
    if (scripts.has(basename(path))) return;
    const text = readScript(path);
    scripts.set(basename(path), text);
    for (const [, sourced] of text.matchAll(/^# shellcheck source=lib\/(\S+)$/gm)) add(String(sourced));
  };
  for (const name of names) add(`kins/scripts/${name}`);
  return Object.fromEntries([...scripts].sort(([a], [b]) => (a < b ? -1 : 1)));
}
