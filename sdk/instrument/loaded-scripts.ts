/** What was loaded by `import`. Node keeps no list of it that can be asked; its inspector has one. */
import type { Session } from 'node:inspector';

interface Parsed {
  readonly params: { readonly url: string };
}

/** URLs of all scripts that this thread has parsed; nothing where there is no inspector. */
export function loadedScripts(): string[] {
  const urls: string[] = [];
  let session: Session | undefined;
  try {
    const inspector = process.getBuiltinModule('node:inspector');
    session = new inspector.Session();
    session.on('Debugger.scriptParsed', ({ params }: Parsed) => urls.push(params.url));
    // To this thread itself: it is answered before `post` returns.
    session.connect();
    session.post('Debugger.enable');
    session.post('Debugger.disable');
  } catch {
    // Compiled out, or not permitted.
  }
  session?.disconnect();
  return urls;
}
