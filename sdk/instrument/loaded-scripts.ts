/** Lists loaded ES modules by Node's inspector, because Node has no other API for it. */
import type { Session } from 'node:inspector';

interface Parsed {
  readonly params: { readonly url: string };
}

/** URLs of all scripts that this thread has parsed; empty where there is no inspector. */
export function loadedScripts(): string[] {
  const urls: string[] = [];
  let session: Session | undefined;
  try {
    const inspector = process.getBuiltinModule('node:inspector');
    session = new inspector.Session();
    session.on('Debugger.scriptParsed', ({ params }: Parsed) => urls.push(params.url));
    // A session with the current thread: `post` is synchronous.
    session.connect();
    session.post('Debugger.enable');
    session.post('Debugger.disable');
  } catch {
    // The inspector is compiled out or not permitted.
  }
  session?.disconnect();
  return urls;
}
