import * as pulumi from '@pulumi/pulumi';
import type { IConstruct } from 'constructs';
import { createHash, scryptSync } from 'node:crypto';
import { PlaceholderSpace } from '../core/placeholders/placeholder';

/** What all placeholders of a program share. */
interface Program {
  readonly mark: string;
  readonly apps: Set<string>;
}

// With the Automation API, several programs may run in one process, each with its own engine.
const programs = new WeakMap<object, Program>();

/**
 * Placeholders for the app of a construct. They are the same in every run, because hashes and names may be derived from
 * them. They depend on the secrets of the configuration, so that they can't be forged by someone who knows only the
 * program.
 *
 * @param scope a construct in the app; the paths of such constructs tell apps apart
 */
export function placeholderSpaceFor(scope: IConstruct): PlaceholderSpace {
  const engine = pulumi.runtime.getMonitor() ?? pulumi.runtime;
  let program = programs.get(engine);
  if (program === undefined) {
    program = { mark: markOfProgram(), apps: new Set() };
    programs.set(engine, program);
  }
  return new PlaceholderSpace(program.mark, appIn(program, scope.node.path));
}

const MARK_LENGTH = 10;
const APP_LENGTH = 6;

function markOfProgram(): string {
  // Exported, but missing in the type declarations.
  const { allConfig, isConfigSecret } = pulumi.runtime as typeof pulumi.runtime & {
    isConfigSecret: (key: string) => boolean;
  };
  const secrets = Object.entries(allConfig())
    .filter(([key]) => isConfigSecret(key))
    .sort(([one], [other]) => (one < other ? -1 : 1));
  // Slow on purpose, so that short secrets can't be guessed from what is derived from a placeholder.
  const seed = JSON.stringify([pulumi.getProject(), pulumi.getStack(), secrets]);
  return base32(scryptSync(seed, 'edge-constructs', MARK_LENGTH)).slice(0, MARK_LENGTH);
}

function appIn({ apps }: Program, path: string): string {
  for (let count = 0; ; count++) {
    const app = base32(createHash('sha256').update(`${path}\n${count}`).digest()).slice(0, APP_LENGTH);
    if (apps.has(app)) continue;
    apps.add(app);
    return app;
  }
}

/** Encodes the low five bits of each byte as a lower-case letter or digit. */
function base32(bytes: Uint8Array): string {
  return [...bytes].map((byte) => 'abcdefghijklmnopqrstuvwxyz234567'[byte & 31]).join('');
}
