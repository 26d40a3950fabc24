import { AutonomyLevel, PATIENCE, UNIT } from './kins-unit';
import { Lab } from './lab';
import { type LabNode } from './node';
import { type CloudNodeKind } from './prerequisites';
import { type Requests, requests } from './requests';
import { until } from './run';
import { PORT, ServingSite } from './serving-site';

/** A site whose cloud comes and goes. */
export class DarkSite extends ServingSite {
  /** A site at L4. */
  public static async start(kind: CloudNodeKind): Promise<DarkSite> {
    const lab = await Lab.start({ kind });
    const site = new DarkSite(lab);
    try {
      await site.form();
      return site;
    } catch (error) {
      await lab.stop();
      throw error;
    }
  }

  /** Twenty requests a second from the LAN to the workload. */
  public requests(seconds: number): Promise<Requests> {
    return requests(this.lab.lan, this.first.address, PORT, seconds);
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
