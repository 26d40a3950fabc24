import { Chart } from 'cdk8s';
import type { Construct } from 'constructs';
import * as path from 'node:path';
import {
  AutonomyLevel,
  EdgeMachine,
  FleetApp,
  KinsCluster,
  NodeUnit,
  OperatingSystem,
  type Site,
  type SiteProps,
} from '../../lib';
import { problemsOf } from '../support/refusals';
import { filesIn, tempFolder } from './support';

const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl ops';

export function site(name: string, more: Partial<SiteProps> = {}): SiteProps {
  return { name, nodes: ['a', 'b', 'c'].map((node) => ({ name: `${name}-${node}` })), ...more };
}

/** A site as platform teams build it: a unit with its edge cluster, and the machines in the user cluster. */
export function build(scope: Construct, { name, nodeNames }: Site): void {
  const unit = new NodeUnit(new Chart(scope, 'cloud'), name, { nodes: nodeNames, autonomyLevel: AutonomyLevel.L5 });
  new KinsCluster(Chart.of(unit), 'kins', { nodeUnit: unit });
  const machines = new Chart(scope, 'machines');
  for (const node of nodeNames) {
    new EdgeMachine(machines, node, {
      operatingSystem: OperatingSystem.UBUNTU_22_04,
      kubeletVersion: '1.33.5',
      sshPublicKeys: [KEY],
    });
  }
}

export function fleetApp(): FleetApp {
  return new FleetApp({ outdir: path.join(tempFolder(), 'dist') });
}

/** The lines of the one error that declaring and synthesizing a fleet gives. */
export function problemLines(declare: (app: FleetApp) => void, app: FleetApp = fleetApp()): string[] {
  try {
    declare(app);
    app.synth();
  } catch (error) {
    const problems = problemsOf(error);
    expect(filesIn(app.outdir)).toEqual({});
    return problems;
  }
  return [];
}
