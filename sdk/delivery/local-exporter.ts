/** Loads the exporter of the mode `local`, which is a file of its own. */
import { loadPart } from '../platform/parts.ts';
import { isInstance, messageOf } from '../platform/values.ts';
import type { Warn } from '../report/warnings.ts';
import type { Exporter } from './exporter.ts';

type SqlitePart = typeof import('./sqlite-exporter.ts');

/** Exports batches to a SQLite file; synchronously, once it is loaded. */
export function createLocalExporter(file: string, warn: Warn): Exporter {
  const open = ({ createSqliteExporter }: SqlitePart): Exporter => createSqliteExporter(file, warn);
  const part = loadPart(import.meta.url, 'sqlite-exporter', () => import('./sqlite-exporter.ts'));
  if (!isInstance(part, Promise)) return open(part);
  let exporter: Exporter | undefined;
  const loading = part.then(
    (loaded) => {
      exporter = open(loaded);
      return exporter;
    },
    (error): Exporter => {
      const reason = `the mode 'local' is not in the bundle: ${messageOf(error)}`;
      warn('local', reason);
      return async () => ({ status: 'refused', reason });
    },
  );
  return async (batch, signal) => (exporter ?? (await loading))(batch, signal);
}
