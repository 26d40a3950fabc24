import { setTimeout as sleep } from 'node:timers/promises';

import { type KinsUnit } from './kins-unit';
import { type LabNode } from './node';

/** Writes into the edge cluster, and knows what was acknowledged and which cluster it was. */
export class Writer {
  /** Names of what must be there for good. */
  public readonly acknowledged: string[] = [];
  private readonly identities = new Set<string>();
  private counter = 0;
  private going = false;
  private ended: Promise<void> = Promise.resolve();

  public constructor(private readonly unit: KinsUnit) {}

  /** One write, through a node. */
  public async write(node: LabNode): Promise<void> {
    this.counter += 1;
    const name = `acknowledged-${this.counter}`;
    await this.unit.write(node, name);
    this.acknowledged.push(name);
    this.identities.add(await this.unit.identity(node));
  }

  /** Writes all the time, wherever somebody answers, until {@link stop}. */
  public start(): void {
    this.going = true;
    this.ended = this.goOn();
  }

  private async goOn(): Promise<void> {
    const { nodes } = this.unit;
    while (this.going) {
      // Without an answer it is not acknowledged: nothing was promised.
      await this.write(nodes[Math.floor(Math.random() * nodes.length)]!).catch(() => undefined);
      await sleep(500);
    }
  }

  public async stop(): Promise<void> {
    this.going = false;
    await this.ended;
  }

  /** Every node has all that was acknowledged, and there was never another cluster than this one. */
  public async expectNothingLost(identity: string): Promise<void> {
    for (const node of this.unit.nodes) {
      expect(await this.unit.identity(node)).toBe(identity);
      // Before the question: what is acknowledged while it is answered may come too late for the answer.
      const promised = [...this.acknowledged];
      const written = new Set(await this.unit.written(node));
      expect(promised.filter((name) => !written.has(name))).toEqual([]);
    }
    expect([...this.identities].filter((each) => each !== identity)).toEqual([]);
  }
}
