import { derive } from '../../core/placeholders/placeholder';
import { hasOwnCluster } from '../../superedge/autonomy-level';
import { celAnnotation, celText } from './cel';
import type { KinsModel } from '../model';

/** Annotation of a unit's objects: the servers they were made for, the first of which founds the cluster. */
const SERVERS_ANNOTATION = 'edge-constructs.io/servers';

/** Annotation of a unit's objects: servers that are gone for good. */
const RETIRED_SERVERS_ANNOTATION = 'edge-constructs.io/retired-servers';

/** Annotation of a unit's objects: settings that K3s takes over when it founds a cluster, and never changes again. */
const FOUNDED_WITH_ANNOTATION = 'edge-constructs.io/founded-with';

/** What the guard compares when an object of a unit with a cluster of its own is changed. */
export function foundingAnnotations(model: KinsModel): Readonly<Record<string, string>> {
  // Written down empty: else what another field manager wrote at L4 or L5 would stay, and go on counting.
  if (!hasOwnCluster(model.level)) return { [FOUNDED_WITH_ANNOTATION]: '', [SERVERS_ANNOTATION]: '' };
  return {
    [FOUNDED_WITH_ANNOTATION]: foundedWith(model),
    [SERVERS_ANNOTATION]: model.servers.join(','),
    ...(model.retiredServers.length === 0 ? {} : { [RETIRED_SERVERS_ANNOTATION]: model.retiredServers.join(',') }),
  };
}

/** As K3s names them, so that what is refused can be looked up. */
function foundedWith({ clusterCidr, serviceCidr, secretsEncryption, serverOptions }: KinsModel): string {
  const settings = {
    'cluster-cidr': clusterCidr,
    'cluster-domain': lastOf(serverOptions['cluster-domain']) ?? 'cluster.local',
    'secrets-encryption': secretsEncryption,
    'service-cidr': serviceCidr,
  };
  return derive('founding settings', settings, (known) =>
    Object.entries(known)
      .map(([name, value]) => `${name}=${String(value)}`)
      .join(' '),
  );
}

function lastOf(values: readonly string[] | undefined): string | undefined {
  return values?.at(-1);
}

/** A request that is refused when the expression holds, with a message that another expression makes. */
export interface FoundingRefusal {
  readonly expression: string;
  readonly messageExpression: string;
  /** For API servers that can't work out the other. */
  readonly message: string;
}

/**
 * A unit that has formed keeps its servers, which have its data, and its networks: K3s ends with others. Compared by each
 * object's own annotations, since who applies goes on after the first refusal, and nothing that pods read may be reached.
 */
export function foundingRefusals(): readonly FoundingRefusal[] {
  const { changesServers, changesSettings, wayOut, serversWayOut } = wordsFor('{unit}');
  return [
    {
      expression:
        `request.operation == 'UPDATE' && ${celAnnotation('oldObject', SERVERS_ANNOTATION)} != '' && ` +
        `${celAnnotation('object', SERVERS_ANNOTATION)} != '' && (` +
        // A new first server could found a second cluster while the old one is not heard of.
        `!(${listOf('oldObject', SERVERS_ANNOTATION)}[0] in ${listOf('object', RETIRED_SERVERS_ANNOTATION)}) && ` +
        `${listOf('oldObject', SERVERS_ANNOTATION)}[0] != ${listOf('object', SERVERS_ANNOTATION)}[0] || ` +
        `!${listOf('oldObject', SERVERS_ANNOTATION)}.all(server, server in ${listOf('object', SERVERS_ANNOTATION)} || ` +
        `server in ${listOf('object', RETIRED_SERVERS_ANNOTATION)}))`,
      messageExpression:
        `${celText(`${changesServers}. It has `)} + ${celAnnotation('oldObject', SERVERS_ANNOTATION)} + '; given: ' + ` +
        `${celAnnotation('object', SERVERS_ANNOTATION)} + ${celText(`. ${serversWayOut}`)}`,
      message: `${changesServers}. ${serversWayOut}`,
    },
    {
      expression:
        `request.operation == 'UPDATE' && ${celAnnotation('oldObject', FOUNDED_WITH_ANNOTATION)} != '' && ` +
        `${celAnnotation('object', FOUNDED_WITH_ANNOTATION)} != '' && ` +
        `${celAnnotation('object', FOUNDED_WITH_ANNOTATION)} != ${celAnnotation('oldObject', FOUNDED_WITH_ANNOTATION)}`,
      messageExpression:
        `${celText(`${changesSettings}. It has `)} + ${celAnnotation('oldObject', FOUNDED_WITH_ANNOTATION)} + '; given: ' + ` +
        `${celAnnotation('object', FOUNDED_WITH_ANNOTATION)} + ${celText(`. ${wayOut}`)}`,
      message: `${changesSettings}. ${wayOut}`,
    },
  ];
}

function wordsFor(
  unit: string,
): Readonly<Record<'changesServers' | 'changesSettings' | 'wayOut' | 'serversWayOut', string>> {
  return {
    changesServers: `NodeUnit ${unit} keeps its servers: they have its data`,
    changesSettings: `NodeUnit ${unit} keeps the settings that its cluster was founded with: K3s exits with others`,
    wayOut:
      'Put it back as it was, or save what you need from the edge cluster, set it to L3 and then to what you want.',
    serversWayOut:
      `Name the current ones in the prop servers, in this order (others may follow when the unit grows to L5), and in ` +
      `retiredServers those that are gone for good.`,
  };
}

/** Annotations of an object, as far as they are known. */
type Annotations = Readonly<Record<string, string | undefined>>;

/**
 * What {@link foundingRefusals} would say of a change, for previews, of which the API server does not hear.
 *
 * @returns the refusal; `undefined` when there is none, or when something is not known yet
 */
export function foundingRefusal(unit: string, before: Annotations, after: Annotations): string | undefined {
  const { changesServers, changesSettings, wayOut, serversWayOut } = wordsFor(unit);
  const [had = '', gets = ''] = [before[SERVERS_ANNOTATION], after[SERVERS_ANNOTATION]];
  const retired = (after[RETIRED_SERVERS_ANNOTATION] ?? '').split(',');
  const [old, now] = [had.split(','), gets.split(',')];
  const [first = ''] = old;
  const isMoved =
    (!retired.includes(first) && first !== now[0]) ||
    !old.every((each) => now.includes(each) || retired.includes(each));
  if (had !== '' && gets !== '' && isMoved) {
    return `${changesServers}. It has ${had}; given: ${gets}. ${serversWayOut}`;
  }
  const [founded = '', given = ''] = [before[FOUNDED_WITH_ANNOTATION], after[FOUNDED_WITH_ANNOTATION]];
  return founded !== '' && given !== '' && founded !== given
    ? `${changesSettings}. It has ${founded}; given: ${given}. ${wayOut}`
    : undefined;
}

function listOf(object: string, annotation: string): string {
  return `${celAnnotation(object, annotation)}.split(',')`;
}
