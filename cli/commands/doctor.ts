import { VERSION } from '../../sdk/platform/version.ts';
import { checkTables, checkToken } from '../doctor/canary.ts';
import { type Check, failed, passed, skipped } from '../doctor/check.ts';
import { checkHealth } from '../doctor/endpoint-checks.ts';
import { checkExporter } from '../doctor/exporter-check.ts';
import { hasSqlite, SQLITE_HINT } from '../records/local-file.ts';
import { Endpoint } from '../remote/endpoint.ts';
import { openRest } from '../remote/rest.ts';
import { defineCommand } from '../shell/command.ts';
import type { Output, Style } from '../shell/output.ts';
import { exporterVariables, READ_OPTIONS, SEND_OPTIONS } from '../shell/settings.ts';
import { plain } from '../shell/terminal-text.ts';

export const doctor = defineCommand({
  name: 'doctor',
  summary: 'check the whole path from an application to the tables',
  args: '',
  maxArgs: 0,
  help: `
Checks this Node, the variables of an OpenTelemetry exporter if any is set,
the endpoint, the schema of its database, the clock, the token, that the
endpoint accepts a canary span, and that the span is then in the tables.
Reading the tables needs SUPABASE_URL and SUPABASE_SECRET_KEY, the rest a token.

The canary is one trace named "agensight doctor" in mode dev; it is not deleted.`,
  options: { ...SEND_OPTIONS, ...READ_OPTIONS },
  run: async ({ values, settings, out }) => {
    const endpoint = new Endpoint(settings.endpoint, settings.token?.value);
    const rest = openRest(settings);
    const checks: Check[] = [];
    const report = async (...results: readonly Check[]): Promise<void> => {
      checks.push(...results);
      if (!values.json) for (const check of results) await printCheck(check, out);
    };
    if (!values.json) {
      out.remark(`agensight ${VERSION}, endpoint ${endpoint.url.href} (${settings.endpoint.from})`);
    }
    await report(checkRuntime(), ...checkExporter(exporterVariables()));
    await report(...(await checkHealth(endpoint)));
    const isReachable = checks.some(({ name, status }) => name === 'endpoint' && status === 'ok');
    const sent = isReachable
      ? await checkToken(endpoint, settings, rest)
      : { checks: skipAll('token', 'canary'), waitMillis: 0 };
    await report(...sent.checks);
    await report(await checkTables(rest, settings, sent.canary, sent.waitMillis));
    const isHealthy = checks.every(({ status }) => status !== 'failed');
    if (values.json) await out.print(JSON.stringify({ ok: isHealthy, checks }));
    return isHealthy;
  },
});

const skipAll = (...names: Check['name'][]): Check[] =>
  names.map((name) => skipped(name, 'the endpoint is not available'));

function checkRuntime(): Check {
  const name = `Node ${process.versions.node}`;
  return hasSqlite()
    ? passed('runtime', `${name}, with node:sqlite for mode local`)
    : failed('runtime', `${name} has no node:sqlite, which mode local needs`, SQLITE_HINT);
}

const STYLES: Record<Check['status'], Style> = {
  ok: 'green',
  failed: 'red',
  'not checked': 'yellow',
};

async function printCheck({ name, status, detail, hint }: Check, out: Output): Promise<void> {
  const word = out.style(STYLES[status], status.padEnd(11));
  await out.print(`${word}  ${name.padEnd(8)}  ${plain(detail)}`);
  if (hint) await out.print(`${' '.repeat(23)}→ ${plain(hint)}`);
}
