import type { App } from 'cdk8s';
import { Attached } from '../core/attached';
import type { SupervisorOptions } from '../device/device-options';
import { OutputLayout } from '../render/output-layout';

/** Options of an app for its files: which to write, where, and with what content. */
export interface FileOptions {
  readonly layout: OutputLayout;
  readonly hasFileComments: boolean;
  readonly deviceScripts: SupervisorOptions | undefined;
}

const DEFAULTS: FileOptions = { layout: new OutputLayout(false), hasFileComments: false, deviceScripts: undefined };

const options = new Attached<App, FileOptions>();

/** Stores the options of an app, for its fleets. */
export function setFileOptions(app: App, given: FileOptions): void {
  options.set(app, given);
}

/** The options of an app for its files. */
export function fileOptionsOf(app: App): FileOptions {
  return options.get(app) ?? DEFAULTS;
}
