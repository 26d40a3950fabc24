/**
 * One thing that is wrong with a construct's props.
 */
export interface Problem {
  /** The prop, as a path below the construct's props: `sshPublicKeys[0]`, `node.httpProxy`. */
  readonly field: string;

  /** What was given, shortened; never secret material. */
  readonly given: string;

  /** What is allowed there. */
  readonly allowed: string;

  /** What to do about it. */
  readonly remedy: string;
}
