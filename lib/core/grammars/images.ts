import { isRegistry } from './hosts';
import { rule } from '../rules';
import type { Rule } from '../rule';

/** An image as container runtimes read its name. */
export interface ImageParts {
  /** Host of the registry, with its port. `undefined`: the runtime's default. */
  readonly registry: string | undefined;
  readonly repository: string;
  readonly tag: string | undefined;
  readonly digest: string | undefined;
}

// Dots, one or two underscores, or any number of hyphens stand between letters and digits.
const PART = '[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*';
const REPOSITORY = new RegExp(`^${PART}(?:/${PART})*$`);
const TAG = /^\w[\w.-]{0,127}$/;
const DIGEST = /^sha(?:256:[0-9a-f]{64}|512:[0-9a-f]{128})$/;
/** Of registry and repository together. */
const LONGEST_NAME = 255;

/**
 * Parses the name of an image; `undefined` if container runtimes would reject it.
 * @see https://pkg.go.dev/github.com/distribution/reference
 */
export function parseImage(text: unknown): ImageParts | undefined {
  if (typeof text !== 'string') return undefined;
  const [named = '', digest, ...more] = text.split('@');
  const { name, tag } = takeTag(named);
  const { registry, repository } = takeRegistry(name);
  const isImage =
    more.length === 0 &&
    name.length <= LONGEST_NAME &&
    REPOSITORY.test(repository) &&
    (registry === undefined || isRegistry(registry)) &&
    (tag === undefined || TAG.test(tag)) &&
    (digest === undefined || DIGEST.test(digest));
  return isImage ? { registry, repository, tag, digest } : undefined;
}

/** A colon in front of a slash belongs to the port of the registry. */
function takeTag(named: string): { readonly name: string; readonly tag: string | undefined } {
  const colon = named.indexOf(':', named.lastIndexOf('/') + 1);
  return colon < 0 ? { name: named, tag: undefined } : { name: named.slice(0, colon), tag: named.slice(colon + 1) };
}

/** The part before the first slash is a registry, or else belongs to the repository: `library/busybox`. */
function takeRegistry(name: string): Pick<ImageParts, 'registry' | 'repository'> {
  const slash = name.indexOf('/');
  const first = name.slice(0, Math.max(slash, 0));
  return /[.:]/.test(first) || first === 'localhost'
    ? { registry: first, repository: name.slice(slash + 1) }
    : { registry: undefined, repository: name };
}

/** An image, with or without registry, tag and digest. */
export function imageReference(): Rule {
  return rule(
    (value) => parseImage(value) !== undefined,
    'an image reference: host/path:tag or host/path@sha256:digest',
    'Write it like registry.example.com/rancher/k3s:v1.35.1-k3s1.',
  );
}

/** An image with a tag or a digest, so that all nodes run the same one. */
export function pinnedImage(): Rule {
  return rule(
    (value) => {
      const image = parseImage(value);
      return image?.tag !== undefined || image?.digest !== undefined;
    },
    'an image with a tag or a digest, like registry.k8s.io/pause:3.10',
    'Add the tag, and write the image in lower case.',
  );
}

/** An image whose name always stands for the same image. */
export function lastingImage(): Rule {
  return rule(
    (value) => {
      const image = parseImage(value);
      return image?.digest !== undefined || (image?.tag !== undefined && image.tag !== 'latest');
    },
    'an image with a tag other than latest, or a digest',
    'Write it like registry.example.com/edge/k3s:v1.22.6.',
  );
}
