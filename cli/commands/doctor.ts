import { VERSION } from '../../sdk/platform/version.ts';
import {
  type Check,
  checkHealth,
  checkTables,
  checkToken,
  failed,
  passed,
} from '../doctor/checks.ts';
import { isSqliteThere, SQLITE_CURE } from '../records/local-file.ts';
import { Endpoint } from '../remote/endpoint.ts';
import { openRest } from '../remote/rest.ts';
import { defineCommand } from '../shell/command.ts';
import type { Output, Style } from '../shell/output.ts';
import { READ_OPTIONS, SEND_OPTIONS } from '../shell/settings.ts';
import { plain } from '../shell/terminal-text.ts';

export const doctor = defineCommand({
  name: 'doctor',
  summary: 'check that what an application sends arrives, and say what is wrong',
  args: '',
  maxArgs: 0,
  help: `
Checks this Node, the endpoint, the schema of its database, the clock, the token,
that a canary span is taken, and that it is then in the tables. The last needs
the right to read them (SUPABASE_URL and SUPABASE_SECRET_KEY), the others a token.

The canary is one trace named "agensight doctor" in mode dev; it stays.`,
  options: { ...SEND_OPTIONS, ...READ_OPTIONS },
  run: async ({ values, settings, out }) => {
    const endpoint = new Endpoint(settings.endpoint, settings.token?.value);
    const rest = openRest(settings);
    const checks: Check[] = [];
    const tell = async (...some: readonly Check[]): Promise<void> => {
      checks.push(...some);
      if (!values.json) for (const check of some) await printCheck(check, out);
    };
    if (!values.json) {
      out.remark(`agensight ${VERSION}, endpoint ${endpoint.url.href} (${settings.endpoint.from})`);
    }
    await tell(checkRuntime());
    await tell(...(await checkHealth(endpoint)));
    const isThere = checks.some(({ name, status }) => name === 'endpoint' && status === 'ok');
    const sent = isThere
      ? await checkToken(endpoint, settings, rest)
      : { checks: without('token', 'canary'), waitMillis: 0 };
    await tell(...sent.checks);
    await tell(await checkTables(rest, settings, sent.canary, sent.waitMillis));
    const isWell = checks.every(({ status }) => status !== 'failed');
    if (values.json) await out.print(JSON.stringify({ ok: isWell, checks }));
    return isWell;
  },
});

const without = (...names: Check['name'][]): Check[] =>
  names.map((name) => ({ name, status: 'not checked', detail: 'there is no endpoint', cure: '' }));

function checkRuntime(): Check {
  const name = `Node ${process.versions.node}`;
  return isSqliteThere()
    ? passed('runtime', `${name}, with node:sqlite for mode local`)
    : failed('runtime', `${name} has no node:sqlite, which mode local needs`, SQLITE_CURE);
}

const STYLES: Record<Check['status'], Style> = {
  ok: 'green',
  failed: 'red',
  'not checked': 'yellow',
};

async function printCheck({ name, status, detail, cure }: Check, out: Output): Promise<void> {
  const word = out.style(STYLES[status], status.padEnd(11));
  await out.print(`${word}  ${name.padEnd(8)}  ${plain(detail)}`);
  if (cure) await out.print(`${' '.repeat(23)}→ ${plain(cure)}`);
}
