import { type KinsClusterProps } from '../../../lib';
import { AutonomyLevel, KinsUnit, PATIENCE } from './kins-unit';
import { type Lab } from './lab';
import { type LabNode } from './node';
import { until } from './run';
import { webWorkload } from './web-workload';

/** The port of each node at which the workload answers the LAN. */
export const PORT = 30080;

/** A site with a unit and a workload that answers the LAN. */
export class ServingSite {
  /** Replicas of the workload. */
  public static readonly REPLICAS = 3;

  public readonly unit: KinsUnit;
  private written: string[] = [];

  protected constructor(
    public readonly lab: Lab,
    props: Partial<KinsClusterProps> = {},
  ) {
    this.unit = new KinsUnit(lab, { hostPorts: [PORT], ...props });
  }

  /** Forms the unit at L4, starts the workload, and writes something. */
  protected async form(): Promise<void> {
    const { lab, unit } = this;
    await unit.provideImages();
    await unit.apply(AutonomyLevel.L4);
    await unit.formed();
    const web = webWorkload(lab.images.web, PORT, ServingSite.REPLICAS);
    await until('the workload', () => unit.kubectl(this.first, ['apply', '-f', '-'], { input: web }), PATIENCE);
    await Promise.all(unit.nodes.map((node) => this.answers(node)));
    await this.write();
    await this.rolledOut();
  }

  /** The unit's first node: its only server at L4. */
  public get first(): LabNode {
    return this.unit.nodes[0]!;
  }

  public async rolledOut(): Promise<void> {
    await this.unit.rolledOut('server', 'agent', 'cri');
  }

  /** For a unit that never was. */
  protected forgetWritten(): void {
    this.written = [];
  }

  /** Writes something that {@link expectItServes} looks for. */
  public async write(): Promise<void> {
    const name = `w${this.written.length}`;
    const isWritten = async (): Promise<boolean> => {
      // The answer to an earlier try may have been lost.
      await this.unit.write(this.first, name).catch((error: unknown) => {
        if (!String(error).includes('AlreadyExists')) throw error;
      });
      return true;
    };
    await until('a write', isWritten, PATIENCE);
    this.written.push(name);
  }

  private answers(node: LabNode): Promise<unknown> {
    const ask = ['curl', '-fsS', '-m', '5', `http://${node.address}:${PORT}/`];
    return until(`an answer of ${node.name} to the LAN`, () => this.lab.lan.exec(ask), PATIENCE);
  }

  /** Containers of the edge cluster on each node. */
  public async containers(): Promise<string[][]> {
    return Promise.all(this.unit.nodes.map((node) => this.unit.containers(node)));
  }

  /** All nodes are Ready, the workload answers on each, and what was written is there; then something more is written. */
  public async expectItServes(): Promise<void> {
    const { unit } = this;
    await unit.formed();
    for (const node of unit.nodes) {
      await this.answers(node);
      expect(await unit.written(node)).toEqual([...this.written].sort());
    }
    await this.write();
  }

  /** Power cut and switched on again, all at once. */
  public async boot(nodes: readonly LabNode[] = this.unit.nodes): Promise<void> {
    await Promise.all(nodes.map((node) => node.powerCut()));
    await Promise.all(nodes.map((node) => node.start()));
  }

  /** Three servers instead of one. */
  public async grow(): Promise<void> {
    const { unit } = this;
    await unit.apply(AutonomyLevel.L5);
    await until('three voters', async () => (await unit.voters(this.first)).length === 3, PATIENCE);
    await this.rolledOut();
  }
}
