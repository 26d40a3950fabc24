import { basename } from 'node:path';
import { readScript } from '../../shell/read';
import { withoutComments } from './comments';

/** Scripts of a kind of pods by file name. They are all mounted in one folder. */
export type Scripts = Readonly<Record<string, string>>;

/** The scripts of all units, by the kind of pod. */
export const SCRIPTS = {
  server: withSourced('check.sh', 'enter.sh', 'keep-release.sh', 'publish.sh', 'ready.sh', 'server.sh', 'tokens.sh'),
  cri: withSourced('check.sh', 'cri.sh', 'enter.sh', 'prepare.sh', 'registries-ready.sh', 'standby.sh'),
  agent: withSourced('access.sh', 'agent.sh', 'enter.sh', 'ready.sh'),
  recycle: withSourced('recycle.sh'),
  prepull: withSourced('prepull.sh'),
} as const satisfies Readonly<Record<string, Scripts>>;

/** A kind of pods that run scripts. */
export type ScriptsOf = keyof typeof SCRIPTS;

/** The named scripts, and all that they source, according to their directives for shellcheck. */
function withSourced(...names: readonly string[]): Scripts {
  const scripts = new Map<string, string>();
  const add = (path: string): void => {
    if (scripts.has(basename(path))) return;
    const text = readScript(path);
    scripts.set(basename(path), withoutComments(text));
    for (const [, sourced] of text.matchAll(/^# shellcheck source=lib\/(\S+)$/gm)) add(String(sourced));
  };
  for (const name of names) add(`kins/scripts/${name}`);
  return Object.fromEntries([...scripts].sort(([a], [b]) => (a < b ? -1 : 1)));
}
