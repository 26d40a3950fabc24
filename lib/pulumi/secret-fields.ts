import * as pulumi from '@pulumi/pulumi';
import { EdgeConstructsError } from '../core/error';
import { isPlainObject } from '../core/rules';
import { OTHERS_FIELDS } from './existing-object';

type Manifest = Readonly<Record<string, unknown>>;

const FIELDS_OF_SECRET = ['data', 'stringData'];

/**
 * The fields of an object that the state has to encrypt. The provider's results go into the state, including those of a
 * refresh, which does not know which parts were secret. So a field that contains an Output is secret as a whole, and so are
 * fields that others write to.
 */
export function secretOutputs(manifest: Manifest, isPatch: boolean): string[] {
  if (isPatch || manifest.kind === 'Node') return [...OTHERS_FIELDS];
  const ofSecret = isSecret(manifest) ? FIELDS_OF_SECRET : [];
  const withOutputs = Object.keys(manifest).filter((field) => hasOutput(manifest[field]));
  const hidden = [...ofSecret, ...withOutputs];
  if (hidden.length === 0) return [];
  // Managed fields contain the keys and list items of all other fields, a status may repeat values of the spec, and kubectl
  // stores what it has applied in an annotation.
  return [...new Set([...hidden, 'metadata', 'status'])];
}

/**
 * Marks the content of a Secret as secret, even if it was given as plain text. A secret value in a place where the state or
 * a message would show it is an error.
 */
export function withSecretsHidden(name: string, manifest: Manifest): Record<string, unknown> {
  const { metadata } = manifest;
  const named: Manifest = isPlainObject(metadata)
    ? { ...manifest, metadata: { ...metadata, ...refuseIn(metadata, ['name', 'namespace'], shownAsId(name)) } }
    : manifest;
  if (!isSecret(manifest)) return { ...named };
  const hidden: Record<string, unknown> = {};
  for (const [field, value] of Object.entries(named)) {
    if (FIELDS_OF_SECRET.includes(field)) hidden[field] = value === undefined ? undefined : pulumi.secret(value);
    else hidden[field] = refuseSecrets(value, field, shownInSecret(name));
  }
  return hidden;
}

function refuseIn(metadata: Manifest, fields: readonly string[], error: ErrorAt): Record<string, unknown> {
  const given = fields.filter((field) => metadata[field] !== undefined);
  return Object.fromEntries(given.map((field) => [field, refuseSecrets(metadata[field], `metadata.${field}`, error)]));
}

function isSecret({ apiVersion, kind }: Manifest): boolean {
  return kind === 'Secret' && apiVersion === 'v1';
}

/** Whether a value is an Output or a Promise. */
export function isOutput(value: unknown): value is pulumi.Output<unknown> | Promise<unknown> {
  return pulumi.Output.isInstance(value) || value instanceof Promise;
}

function hasOutput(value: unknown): boolean {
  if (isOutput(value)) return true;
  return typeof value === 'object' && value !== null && Object.values(value).some(hasOutput);
}

type ErrorAt = (field: string) => EdgeConstructsError;

/** The value, in which a secret Output becomes an error. */
function refuseSecrets(value: unknown, field: string, error: ErrorAt): unknown {
  if (isOutput(value)) {
    const output = pulumi.output(value);
    return pulumi.all([output, pulumi.isSecret(output)]).apply(([known, isHidden]) => {
      if (isHidden) throw error(field);
      return known;
    });
  }
  if (Array.isArray(value)) return value.map((each, index) => refuseSecrets(each, `${field}[${index}]`, error));
  if (!isPlainObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) => [key, refuseSecrets(each, `${field}.${key}`, error)]),
  );
}

/** The error for a name or namespace that can't be kept secret. @internal */
export function shownAsId(name: string): ErrorAt {
  return refusal(
    name,
    'a name that is not secret',
    'Pulumi shows it in its state and its messages: use pulumi.unsecret if it is not secret.',
  );
}

/** The error for fields of a Secret that the provider always shows. @internal */
export function shownInSecret(name: string): ErrorAt {
  return refusal(
    name,
    "what is not secret: in a Secret, Pulumi's state hides only data and stringData",
    'Put it there, or use pulumi.unsecret if it is not secret.',
  );
}

function refusal(name: string, allowed: string, remedy: string): ErrorAt {
  return (field) =>
    new EdgeConstructsError(name, 'ManifestResource', [{ field, given: '(a secret, not shown)', allowed, remedy }]);
}
