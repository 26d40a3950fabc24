import type { App } from 'cdk8s';
import { Attached } from '../core/attached';
import type { SupervisorOptions } from '../device/device-options';
import { OutputLayout } from '../render/output-layout';

/** What an app wants of its files: which there are, where they are, and what is in them. */
export interface FileOptions {
  readonly layout: OutputLayout;
  readonly hasFileComments: boolean;
  readonly deviceScripts: SupervisorOptions | undefined;
}

const DEFAULTS: FileOptions = { layout: new OutputLayout(false), hasFileComments: false, deviceScripts: undefined };

const options = new Attached<App, FileOptions>();

/** Keeps what an app wants of its files, for its fleets. */
export function setFileOptions(app: App, given: FileOptions): void {
  options.set(app, given);
}

/** What an app wants of its files. */
export function fileOptionsOf(app: App): FileOptions {
  return options.get(app) ?? DEFAULTS;
}
