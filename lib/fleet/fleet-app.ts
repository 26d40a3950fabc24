import { brand } from '../core/instance-of';
import { AnyLazyResolver } from '../core/placeholders/any-lazy';
import { checkArguments } from '../core/check-arguments';
import { EdgeConstructsError } from '../core/error';
import { dnsLabel } from '../core/grammars/names';
import { bool, enumOf, listOf, optional, pattern, rule, shape, text } from '../core/rules';
import type { Rule } from '../core/rule';
import { App, type AppProps, type Chart, type IResolver, YamlOutputType } from 'cdk8s';
import { DependencyOrder } from '../render/dependency-order';
import { setFileOptions } from './file-options';
import { documents, ObjectWriter } from '../render/object-text';
import { OutputFolder, type WrittenFiles } from '../render/output-folder';
import { OutputLayout } from '../render/output-layout';
import { supervisorOptions, type SupervisorOptions } from '../device/device-options';
import { FleetProgress, ProgressMeter } from '../render/progress';
import { FleetRun, type FleetRunOptions, type TreeProblems } from './fleet-run';
import { fleetSourcesOf } from './fleet-sources';
import { throwIfInvalid, validationMessages } from '../render/validation';

/** Props of a {@link FleetApp}: those of cdk8s' `App`, and options for files and progress. */
export interface FleetAppProps extends AppProps {
  /**
   * Distinguishes the files of several apps that write to one output folder. A DNS label.
   * @default - the folder has files of one FleetApp only; apps of cdk8s, and files of yours, may be there too
   */
  readonly name?: string;

  /**
   * How the run reports its progress, on the standard error stream.
   * @default FleetProgress.AUTO - a bar on a terminal, plain lines elsewhere, nothing for runs of less than a second
   */
  readonly progress?: FleetProgress;

  /**
   * Writes `README.md` into the output folder: each file, its cluster, the order, the commands, and what to do when. For an
   * app with a name it is `README-<name>.md`.
   * @default true
   */
  readonly readme?: boolean;

  /**
   * Begins every file with a comment that says which cluster it is for and which construct it comes from.
   * @default false - the same content as with cdk8s; files of a kustomization have a comment of their own
   */
  readonly fileComments?: boolean;

  /**
   * Puts the files for each cluster into a folder of its name, `clusters/<cluster>/`: the files of charts, of a fleet's
   * sites (`clusters/<cluster>/<fleet>/<site>/`), and of what these share (`clusters/<cluster>/shared/`). A single file for
   * all charts becomes one per cluster. Changing this moves the files, so GitOps controllers need the new paths.
   * @default false - the files of all clusters side by side
   */
  readonly clusterFolders?: boolean;

  /**
   * Writes the programs for the device of each {@link EdgeMachine}, with these options for all of them:
   * `devices/<cluster>/<machine>.provision.sh` and `devices/<cluster>/<machine>.decommission.sh`. They contain no secrets.
   * @default - none; {@link EdgeMachine.provisioningSupervisor} gives the text
   */
  readonly deviceScripts?: SupervisorOptions;
}

const FIELDS: Readonly<Record<keyof FleetAppProps, Rule>> = {
  outdir: optional(text({ maxLength: 4096 })),
  outputFileExtension: optional(
    pattern(/^\.[A-Za-z0-9._-]{1,64}$/, 'a string that starts with a dot and has no slash', 'Write it like .k8s.yaml.'),
  ),
  yamlOutputType: optional(
    rule(
      (value) => typeof value === 'number' && YamlOutputType[value] !== undefined,
      'a member of YamlOutputType',
      'Write it like YamlOutputType.FILE_PER_CHART.',
    ),
  ),
  recordConstructMetadata: optional(bool()),
  resolvers: optional(
    listOf(
      rule(
        (value) => typeof (value as Partial<IResolver> | null | undefined)?.resolve === 'function',
        'an object with a resolve function',
        'Pass IResolvers from cdk8s.',
      ),
    ),
  ),
  name: optional(dnsLabel()),
  progress: optional(enumOf(FleetProgress, 'FleetProgress')),
  readme: optional(bool()),
  fileComments: optional(bool()),
  clusterFolders: optional(bool()),
  deviceScripts: optional(supervisorOptions()),
};

/**
 * A drop-in replacement for cdk8s' `App` that renders thousands of charts in about the time that writing them takes.
 *
 * The files have the same content as with `App`. Three things differ: a file's name never starts with a number, so that a
 * new dependency renames nothing; objects whose files would have the same name get files of their own; and the output
 * folder goes from one complete set of files to the next, files that are no longer rendered included. Only files that a
 * `FleetApp` wrote are ever deleted.
 *
 * ```ts
 * const app = new FleetApp();
 * new MyChart(app, 'berlin');
 * app.synth();
 * ```
 * @see https://cdk8s.io/docs/latest/basics/app/
 */
export class FleetApp extends App {
  static {
    brand(this, 'FleetApp');
  }

  readonly #options: FleetRunOptions;
  readonly #list: string;
  readonly #progress: FleetProgress;

  /**
   * @param props what should differ from the defaults
   * @throws {@link EdgeConstructsError} when a prop is wrong
   */
  constructor(props: FleetAppProps = {}) {
    checkArguments('FleetApp', { '': [props, shape(FIELDS)] });
    super({ ...props, resolvers: [...(props.resolvers ?? []), new AnyLazyResolver()] });
    setFileOptions(this, {
      layout: new OutputLayout(props.clusterFolders ?? false),
      hasFileComments: props.fileComments ?? false,
      deviceScripts: props.deviceScripts === undefined ? undefined : { ...props.deviceScripts },
    });
    this.#list = props.name === undefined ? 'files' : `files-${props.name}`;
    this.#options = {
      recordsMetadata: props.recordConstructMetadata ?? process.env.CDK8S_RECORD_CONSTRUCT_METADATA === 'true',
      name: props.name,
      hasReadme: props.readme ?? true,
    };
    this.#progress = props.progress ?? FleetProgress.AUTO;
  }

  /** All charts, those that others depend on first. */
  override get charts(): Chart[] {
    return [...new DependencyOrder(this).charts()];
  }

  /**
   * Writes all manifests to the output folder.
   *
   * @throws {@link EdgeConstructsError} with the problems of all sites when a `Fleet` has any, or when dependencies form
   * a cycle
   * @throws Error with cdk8s' message when validations of constructs fail, when another run is writing to the folder, or
   * when nothing is rendered and all files of earlier runs would be deleted
   * @throws Error when the output folder cannot be written to, as on a full disk. After any error, the output folder is as
   * it was before, unless the disk fails while files are put in place; then the error says so, and the next run completes
   * that
   */
  override synth(): void {
    this.synthFiles();
  }

  /**
   * Does what {@link FleetApp.synth} does and reports which files changed.
   * @throws as `synth` does
   */
  synthFiles(): WrittenFiles {
    const sources = fleetSourcesOf(this);
    const siteCount = sources.reduce((sum, source) => sum + source.siteCount, 0);
    const folder = new OutputFolder(this.outdir, { app: this, list: this.#list });
    const run = new FleetRun(this, folder, this.#options, sources);
    try {
      const ofSites = this.#measured('sites', siteCount, (step) =>
        sources.flatMap((source) => run.sites(source, step)),
      );
      // After the sites, because they may change constructs of the tree.
      run.finish(ofSites, this.#tree(run));
      return folder.commit();
    } catch (error) {
      folder.abandon();
      throw error;
    }
  }

  /** Collects problems of the tree, so that those of the sites are still reported. */
  #tree(run: FleetRun): TreeProblems {
    let invalid: TreeProblems['invalid'] = [];
    try {
      const order = new DependencyOrder(this);
      invalid = validationMessages(order.constructs);
      if (invalid.length === 0) {
        this.#measured('charts', order.charts().length, (step) => {
          run.tree(order, step);
        });
      }
      return { error: undefined, invalid };
    } catch (error) {
      if (error instanceof EdgeConstructsError) return { error, invalid };
      throw error;
    }
  }

  /** Does something step by step, and shows the progress. */
  #measured<T>(what: string, count: number, work: (step: () => void) => T): T {
    const meter = new ProgressMeter(this.#progress, what, count);
    try {
      return work(() => {
        meter.step();
      });
    } finally {
      meter.end();
    }
  }

  /**
   * All manifests as one text of several YAML documents, without the sites of a `Fleet`.
   * @throws as `synth` does
   */
  override synthYaml(): string {
    const order = new DependencyOrder(this);
    throwIfInvalid(validationMessages(order.constructs));
    const writer = new ObjectWriter(this);
    return documents(
      order.charts().flatMap((chart) => order.objectsOf(chart)),
      writer,
    );
  }
}
