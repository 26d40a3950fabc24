import * as pulumi from '@pulumi/pulumi';
import { labelKey, labelValue } from '../core/grammars/names';
import { isPlainObject, mapOf, pattern } from '../core/rules';
import type { Rule } from '../core/rule';
import { isOutput } from './secret-fields';
import { refuseWrong } from './substitution';

type Manifest = Readonly<Record<string, unknown>>;

const anything: Rule = () => [];
const dataKey = pattern(
  /^(?!\.\.)[-._a-zA-Z0-9]{1,253}$/,
  'letters, digits, hyphens, dots and underscores',
  'Correct it.',
);

/**
 * Rules for the keys and values of maps, by field. If such a key or value is invalid, the API server quotes it in its
 * error.
 */
const OF_METADATA: Readonly<Record<string, readonly [Rule, Rule]>> = {
  labels: [labelKey(), labelValue()],
  annotations: [labelKey(), anything],
};
const OF_DATA = [dataKey, anything] as const;
const DATA_FIELDS = ['data', 'binaryData', 'stringData'];

/** The manifest, with checks of secret values that the API server would reject and quote: these errors do not show them. */
export function withQuotedChecked(name: string, manifest: Manifest): Record<string, unknown> {
  const { metadata } = manifest;
  const checked: Record<string, unknown> = { ...manifest };
  if (isPlainObject(metadata)) {
    checked.metadata = Object.fromEntries(
      Object.entries(metadata).map(([field, value]) => {
        const rules = OF_METADATA[field];
        return [field, rules === undefined ? value : checkedMap(name, `metadata.${field}`, value, rules)];
      }),
    );
  }
  if (manifest.apiVersion !== 'v1' || !['ConfigMap', 'Secret'].includes(String(manifest.kind))) return checked;
  for (const field of DATA_FIELDS) {
    if (checked[field] !== undefined) checked[field] = checkedMap(name, field, checked[field], OF_DATA);
  }
  return checked;
}

function checkedMap(name: string, field: string, value: unknown, [key, item]: readonly [Rule, Rule]): unknown {
  if (isOutput(value)) return checkedValue(name, field, value, mapOf(key, item));
  if (!isPlainObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([of, each]) => [
      of,
      isOutput(each) && item !== anything ? checkedValue(name, `${field}.${of}`, each, item) : each,
    ]),
  );
}

function checkedValue(name: string, field: string, value: unknown, rule: Rule): pulumi.Output<unknown> {
  const output = pulumi.output(value);
  // Keys may be secret, too, so every problem is reported for the field as a whole.
  const ofField: Rule = (known) => rule(known, field).map((each) => ({ ...each, field }));
  return pulumi.all([output, pulumi.isSecret(output)]).apply(([known, isHidden]) => {
    if (isHidden) refuseWrong({ path: name, subject: 'ManifestResource', field, rule: ofField }, known, true);
    return known;
  });
}
