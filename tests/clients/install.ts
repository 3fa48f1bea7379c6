import { install } from '../support/install.ts';

/** Installs the clients where they are missing or differ from the lockfile. */
export const installClients = (): Promise<void> => install(new URL('./', import.meta.url));
