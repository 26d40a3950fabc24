import { AutonomyLevel, KinsUnit, PATIENCE, UNIT } from './kins-unit';
import { Lab } from './lab';
import { type LabNode } from './node';
import { type CloudNodeKind } from './prerequisites';
import { type Requests, requests } from './requests';
import { until } from './run';
import { webWorkload } from './web-workload';

const PORT = 30080;

/** A site with a unit and a workload that answers the LAN, whose cloud comes and goes. */
export class DarkSite {
  private readonly written: string[] = [];

  private constructor(
    public readonly lab: Lab,
    public readonly unit: KinsUnit,
  ) {}

  /** Forms the unit at L4, starts the workload, and writes something. */
  public static async start(kind: CloudNodeKind): Promise<DarkSite> {
    const lab = await Lab.start({ kind });
    const site = new DarkSite(lab, new KinsUnit(lab, { hostPorts: [PORT] }));
    try {
      await site.form();
      return site;
    } catch (error) {
      await lab.stop();
      throw error;
    }
  }

  /** Replicas of the workload. */
  public static readonly REPLICAS = 3;

  private async form(): Promise<void> {
    const { lab, unit } = this;
    await unit.provideImages();
    await unit.apply(AutonomyLevel.L4);
    await unit.formed();
    const web = webWorkload(lab.images.web, PORT, DarkSite.REPLICAS);
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

  private async write(): Promise<void> {
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

  /** Twenty requests a second from the LAN to the workload. */
  public requests(seconds: number): Promise<Requests> {
    return requests(this.lab.lan, this.first.address, PORT, seconds);
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

  public async goDark(): Promise<void> {
    await this.lab.stopControlPlane();
  }

  /** The cloud can be reached again, and pods run all that the nodes had to run themselves. */
  public async linkReturns(): Promise<void> {
    await this.lab.startControlPlane();
    await this.lab.ready();
    for (const node of this.unit.nodes) await this.handedOver(node);
    await this.rolledOut();
  }

  private async handedOver(node: LabNode): Promise<void> {
    const said = `nothing is left to do for unit ${UNIT}`;
    await until(`the pods on ${node.name}`, async () => (await this.service(node)).trim().endsWith(said), PATIENCE);
  }

  /** What the service by which a node starts the unit has said. */
  private async service(node: LabNode): Promise<string> {
    return (await node.sh(`cat /var/log/kins-${UNIT}.service.log 2>/dev/null || true`)).stdout;
  }

  /** Three servers instead of one. */
  public async grow(): Promise<void> {
    const { unit } = this;
    await unit.apply(AutonomyLevel.L5);
    await until('three voters', async () => (await unit.voters(this.first)).length === 3, PATIENCE);
    await this.rolledOut();
  }

  /** Ends the unit while its first node is off and then boots in the dark; the cloud is reached only afterwards. */
  public async end(): Promise<void> {
    const { first, lab, unit } = this;
    await first.powerCut();
    await unit.apply(AutonomyLevel.L3);
    await unit.prune(AutonomyLevel.L5, AutonomyLevel.L3);
    await this.goDark();
    await first.start();
    const isStandingIn = async (): Promise<boolean> => (await this.service(first)).includes('runs the agent');
    await until('a start by the node itself', isStandingIn, PATIENCE);
    await lab.startControlPlane();
  }

  /** Waits until nothing of the unit is left on any node. */
  public async ended(): Promise<void> {
    const left = `ls -d /var/lib/kins/${UNIT} /run/kins/${UNIT} /etc/systemd/system/kins-* /etc/systemd/system/*/kins-* 2>/dev/null || true`;
    for (const node of this.unit.nodes) {
      await until(`nothing of the unit on ${node.name}`, async () => (await node.sh(left)).stdout === '', PATIENCE);
    }
  }
}
