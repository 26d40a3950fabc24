/** A day of the week, as a {@link KinsMaintenanceWindow} names it. */
export enum Weekday {
  /** Monday. */
  MON = 'Mon',
  /** Tuesday. */
  TUE = 'Tue',
  /** Wednesday. */
  WED = 'Wed',
  /** Thursday. */
  THU = 'Thu',
  /** Friday. */
  FRI = 'Fri',
  /** Saturday. */
  SAT = 'Sat',
  /** Sunday. */
  SUN = 'Sun',
}

/** A time of the week at which changes that restart K3s may be made. */
export interface KinsMaintenanceWindow {
  /**
   * The days on which the window begins, each once.
   * @default - every day
   */
  readonly days?: readonly Weekday[];

  /** When it begins, `00:00` to `23:59`. */
  readonly start: string;

  /** When it ends, `00:00` to `23:59`: on the next day if that is before `start`. It must differ from `start`. */
  readonly end: string;
}

/** A release that is copied to the nodes before it is used. */
export interface KinsPrepull {
  /** K3s release, of the minor of the unit's `version` or of the next one. */
  readonly version: string;

  /**
   * Image of that release, where nodes cannot pull from the public registry.
   * @default - `docker.io/rancher/k3s` with the tag of `version`
   */
  readonly image?: string;
}
