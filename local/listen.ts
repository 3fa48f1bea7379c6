import { createServer, type RequestListener } from 'node:http';
import { SettingsError } from './settings.ts';

/** A listening server. */
export interface Listening {
  url: string;
  close(): Promise<void>;
}

/**
 * Listens on 127.0.0.1.
 *
 * @param option the command-line option for the port, for the error message
 * @throws SettingsError when the port is in use
 */
export async function listen(
  listener: RequestListener,
  port: number,
  option: string,
): Promise<Listening> {
  const server = createServer(listener);
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      reject(
        error.code === 'EADDRINUSE'
          ? new SettingsError(
              `Port ${port} is in use by another program. Stop it, or choose another port with ${option}.`,
              { cause: error },
            )
          : error,
      );
    });
    server.listen(port, '127.0.0.1', resolve);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The server has no port.');
  return {
    url: `http://127.0.0.1:${address.port}`,
    close: () =>
      new Promise((closed) => {
        server.close(() => closed());
        server.closeAllConnections();
      }),
  };
}

/**
 * Checks a port early, before a database is started.
 *
 * @throws SettingsError when the port is in use
 */
export async function requireFreePort(port: number, option: string): Promise<void> {
  const probe = await listen(() => {}, port, option);
  await probe.close();
}
