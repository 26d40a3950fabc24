import { derive } from '../../core/placeholders/placeholder';
import { hasOwnCluster } from '../../superedge/autonomy-level';
import { celAnnotation, celText } from './cel';
import type { KinsModel } from '../model';

/** Annotation of a unit's objects: the servers that they were rendered for. The first one founds the cluster. */
const SERVERS_ANNOTATION = 'edge-constructs.io/servers';

/** Annotation of a unit's objects: servers that are gone for good. */
const RETIRED_SERVERS_ANNOTATION = 'edge-constructs.io/retired-servers';

/** Annotation of a unit's objects: settings that K3s fixes for good when it founds a cluster. */
const FOUNDED_WITH_ANNOTATION = 'edge-constructs.io/founded-with';

/** The annotations that the guard compares when an object of a unit with a cluster of its own changes. */
export function foundingAnnotations(model: KinsModel): Readonly<Record<string, string>> {
  // Rendered with empty values: otherwise values that another field manager wrote at L4 or L5 would stay, and still count.
  if (!hasOwnCluster(model.level)) return { [FOUNDED_WITH_ANNOTATION]: '', [SERVERS_ANNOTATION]: '' };
  return {
    [FOUNDED_WITH_ANNOTATION]: foundedWith(model),
    [SERVERS_ANNOTATION]: model.servers.join(','),
    ...(model.retiredServers.length === 0 ? {} : { [RETIRED_SERVERS_ANNOTATION]: model.retiredServers.join(',') }),
  };
}

/** Settings by the names of K3s' options, so that users can look them up when a change is refused. */
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

/** Requests for which the expression is true are refused, with the result of another expression as the message. */
export interface FoundingRefusal {
  readonly expression: string;
  readonly messageExpression: string;
  /** For API servers that can't evaluate `messageExpression`. */
  readonly message: string;
}

/**
 * Once a unit has formed, it must keep its servers, because they have its data, and its networks, because K3s exits with
 * others. Every object is checked by its own annotations: clients continue with other objects after the first refusal, and
 * must not be able to change anything that pods read.
 */
export function foundingRefusals(): readonly FoundingRefusal[] {
  const { changesServers, changesSettings, wayOut, serversWayOut } = wordsFor('{unit}');
  return [
    {
      expression:
        `request.operation == 'UPDATE' && ${celAnnotation('oldObject', SERVERS_ANNOTATION)} != '' && ` +
        `${celAnnotation('object', SERVERS_ANNOTATION)} != '' && (` +
        // While the old first server can't be reached, a new one could found a second cluster.
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

/** Annotations of an object; `undefined` if not set. */
type Annotations = Readonly<Record<string, string | undefined>>;

/**
 * Evaluates {@link foundingRefusals} for a change, for previews, in which the API server is not asked.
 *
 * @returns the refusal; `undefined` if the change is allowed, or if a value is not known yet
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
