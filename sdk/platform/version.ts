/** Set by the build from package.json, so that the version is written in one place. */
declare const AGENSIGHT_VERSION: string | undefined;

/** The version of this package; `0.0.0-source` when it runs from its sources. */
export const VERSION: string =
  typeof AGENSIGHT_VERSION === 'string' ? AGENSIGHT_VERSION : '0.0.0-source';

/** How this SDK names itself to the server. */
export const SDK_NAME = 'agensight-js';
