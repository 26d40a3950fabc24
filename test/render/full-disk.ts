import type * as NodeFs from 'node:fs';

/** What asks a file system for space, or for a name. */
export type Step = 'mkdirSync' | 'writeFileSync' | 'appendFileSync' | 'renameSync';

const STEPS: readonly Step[] = ['mkdirSync', 'writeFileSync', 'appendFileSync', 'renameSync'];

/** `fs` of a disk that is full when a test says so. */
export class FullDisk {
  readonly #real: typeof NodeFs;
  /** Asked at each step whether the disk is full. */
  isFull: (step: Step, target: string) => boolean = () => false;

  constructor(real: typeof NodeFs) {
    this.#real = real;
  }

  /** Lets the disk be full from the step of this number on, counted from 0, if it is one of `steps`. */
  fullFrom(first: number, steps: readonly Step[]): void {
    let count = 0;
    this.isFull = (step) => steps.includes(step) && count++ >= first;
  }

  fs(): typeof NodeFs {
    const real = this.#real;
    const wrapped = STEPS.map((step) => {
      const work = real[step] as (...args: readonly unknown[]) => unknown;
      const guarded = (...args: readonly unknown[]): unknown => {
        const target = String(step === 'renameSync' ? args[1] : args[0]);
        if (step === 'mkdirSync' && (args[1] as { recursive?: boolean } | undefined)?.recursive === true)
          throw new Error("Node's own way to make folders never ends in /proc");
        if (!this.isFull(step, target)) return work(...args);
        // A file gets its name before there is no room for what is in it.
        if (step === 'writeFileSync') work(target, '', args[2]);
        throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC', syscall: 'write' });
      };
      return [step, guarded];
    });
    return { ...real, ...(Object.fromEntries(wrapped) as object) };
  }
}

/** The disk of a test that mocks `node:fs` by it. */
export const fullDisk = new FullDisk(jest.requireActual<typeof NodeFs>('node:fs'));
