import { createHash } from 'node:crypto';
import * as pulumi from '@pulumi/pulumi';
import { ServingCertificateApprover } from '../device';
import { ownName } from './adopting-provider';
import { ChartResources } from './chart-resources';
import { separateChart } from './program-app';

/** Providers of the clusters that have an approver. A provider belongs to one program. */
const made = new WeakSet<pulumi.ProviderResource>();

/**
 * Adds an approver of serving certificates to the cluster of a provider, once per program. The names of its objects depend
 * on the stack, because another stack may have devices in the same cluster, and delete its own approver.
 */
export function approveServingCertificates(provider: pulumi.ProviderResource): void {
  if (made.has(provider)) return;
  made.add(provider);
  const own = ownName(provider);
  const stack = createHash('sha256')
    .update(`${pulumi.getProject()}/${pulumi.getStack()}/${own}`)
    .digest('hex')
    .slice(0, 8);
  const name = `serving-certificates-${own}`;
  const chart = separateChart(name);
  new ServingCertificateApprover(chart, `serving-certificates-${stack}`);
  new ChartResources(name, { chart }, { provider });
}
