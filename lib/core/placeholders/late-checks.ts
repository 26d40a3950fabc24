import type { IConstruct } from 'constructs';
import { ApiObject } from 'cdk8s';
import { Attached } from '../attached';
import { isApplying } from './applying';
import { isPlaceholder } from './placeholder';
import { isTrace } from './placeholder-traces';
import type { Rule } from '../rule';

/** A prop with a placeholder, whose rule is checked once the value is known. */
export interface LateCheck {
  readonly field: string;
  readonly value: string | number;
  readonly rule: Rule;
}

/** The late checks of one construct. */
export interface LateChecks {
  readonly path: string;
  readonly subject: string;
  readonly checks: readonly LateCheck[];
}

const checksOf = new Attached<IConstruct, LateChecks[]>();
const watched = new WeakSet<IConstruct>();

/** Keeps checks for when the values are known. */
export function addLateChecks(root: IConstruct, checks: LateChecks): void {
  watchForPlaceholders(root);
  const known = checksOf.get(root);
  if (known === undefined) checksOf.set(root, [checks]);
  else known.push(checks);
}

/** All late checks of an app. */
export function lateChecksOf(root: IConstruct): readonly LateChecks[] {
  return checksOf.get(root) ?? [];
}

/** Makes synthesis to files fail if a placeholder would be written, because nobody could put the value back. */
export function watchForPlaceholders(root: IConstruct): void {
  if (watched.has(root)) return;
  watched.add(root);
  root.node.addValidation({
    validate: () =>
      isApplying()
        ? []
        : root.node
            .findAll()
            .filter((each): each is ApiObject => ApiObject.isApiObject(each))
            .flatMap((object) =>
              placesOf(object.toJson(), '').map(
                (place) =>
                  `${object.kind} '${object.node.path}' has a Pulumi Output in ${place}, whose value only Pulumi knows. ` +
                  `Apply this chart with 'pulumi up' (ChartResources of edge-constructs/pulumi), or give a plain value.`,
              ),
            ),
  });
}

function placesOf(value: unknown, place: string): string[] {
  if (isPlaceholder(value) || isTrace(value)) return [place];
  if (Array.isArray(value)) return value.flatMap((each, index) => placesOf(each, `${place}[${index}]`));
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, each]) => [
    ...(isPlaceholder(key) || isTrace(key) ? [`a key of ${place}`] : []),
    ...placesOf(each, place === '' ? key : `${place}.${key}`),
  ]);
}
