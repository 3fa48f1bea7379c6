/** Loads the spool, which is a file of its own, where the options ask for one. */
import type { TableName } from '../../wire/records.ts';
import { isolatesRequests } from '../platform/isolation.ts';
import { loadPart } from '../platform/parts.ts';
import { builtin } from '../platform/platform.ts';
import { isInstance, messageOf } from '../platform/values.ts';
import { failSpool, type Report } from '../report/counts.ts';
import type { Warn } from '../report/warnings.ts';
import type { Spool, SpoolSettings } from './spool.ts';

type SpoolPart = typeof import('./spool.ts');

/**
 * The spool; undefined when it is disabled, or where there is no file system. `onLoaded` is called if it
 * was loaded later: then it recovers the segments of other processes.
 */
export function loadSpool(
  settings: SpoolSettings,
  report: Report,
  warn: Warn,
  onLoaded: () => void,
): Spool | undefined {
  if (settings.spool === '') return undefined;
  if (!builtin('node:fs') || !builtin('node:zlib')?.crc32 || isolatesRequests()) {
    failSpool(report, warn, 'spool', 'there is no file system');
    return undefined;
  }
  const open = ({ createSpool }: SpoolPart): Spool => createSpool(settings, report, warn);
  const part = loadPart(import.meta.url, 'spool', () => import('./spool.ts'));
  if (isInstance(part, Promise)) return whileLoading(part.then(open), report, warn, onLoaded);
  try {
    return open(part);
  } catch (error) {
    // Deno refuses the name of the host to a program without the permission.
    failSpool(report, warn, 'spool', `the spool cannot be used: ${messageOf(error)}`);
    return undefined;
  }
}

/** A spool that keeps the records of the current batch in memory until the part is loaded. */
function whileLoading(
  loading: Promise<Spool>,
  report: Report,
  warn: Warn,
  onLoaded: () => void,
): Spool {
  let spool: Spool | undefined;
  let waiting: (readonly [TableName, string])[] = [];
  loading.then(
    (loaded) => {
      spool = loaded;
      for (const record of waiting) loaded.add(...record);
      waiting = [];
      loaded.write();
      onLoaded();
    },
    (error) =>
      failSpool(report, warn, 'spool', `the spool is not in the bundle: ${messageOf(error)}`),
  );
  return {
    recover: () => spool?.recover() ?? [],
    read: (segment) => (spool as Spool).read(segment),
    add(table, json) {
      if (spool) spool.add(table, json);
      else waiting.push([table, json]);
    },
    write: () => spool?.write(),
    seal() {
      waiting = [];
      return spool?.seal();
    },
    release: (segment) => spool?.release(segment),
    heartbeat: () => spool?.heartbeat(),
    close: () => spool?.close(),
  };
}
