/** Name and version of this package. The build defines the version from package.json. */
declare const AGENSIGHT_VERSION: string | undefined;

/** The version of this package; `0.0.0-source` when it runs from source. */
export const VERSION: string =
  typeof AGENSIGHT_VERSION === 'string' ? AGENSIGHT_VERSION : '0.0.0-source';

/** The name of this SDK in the reports it sends to the server. */
export const SDK_NAME = 'agensight-js';
