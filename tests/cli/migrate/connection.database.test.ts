import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { connectPostgres } from '../../../cli/migrate/postgres.ts';
import { emptyFolder } from '../support/run-cli.ts';
import { SELF_SIGNED } from '../support/self-signed.ts';
import { migrate } from './harness.ts';
import { startTlsProxy, type TlsProxy } from './tls-proxy.ts';

const [server] = inject('postgresServers');
if (!server) throw new Error('no Postgres server');
const CERTIFICATE = join(emptyFolder(), 'ca.pem');

let proxy: TlsProxy;
beforeAll(async () => {
  writeFileSync(CERTIFICATE, SELF_SIGNED.cert);
  proxy = await startTlsProxy(server.url);
});
afterAll(() => proxy.close());

/** The URL of the server, or with `isTls` that of the proxy, with these parameters. */
function at(parameters: Record<string, string>, isTls = false, host = '127.0.0.1'): string {
  const url = new URL(server?.url ?? '');
  url.hostname = host;
  if (isTls) url.port = String(proxy.port);
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
  return url.href;
}

/** Runs a query; returns whether the connection used TLS. */
async function usesTls(url: string): Promise<boolean> {
  const before = proxy.handshakes();
  const connection = await connectPostgres(url);
  try {
    await connection.transaction((run) => run('select 1'));
    return proxy.handshakes() > before;
  } finally {
    await connection.close();
  }
}

describe('connects', () => {
  it.each<[string, Record<string, string>, boolean]>([
    ['with sslmode=prefer to a server without TLS', { sslmode: 'prefer' }, false],
    ['with sslmode=prefer to a server with TLS', { sslmode: 'prefer' }, true],
    ['with sslmode=allow to a server without TLS', { sslmode: 'allow' }, false],
    [
      'with sslmode=disable, whatever sslrootcert names',
      { sslmode: 'disable', sslrootcert: '/no/ca' },
      false,
    ],
    ['with sslmode=require, without a CA', { sslmode: 'require' }, true],
    ['with sslmode=verify-ca', { sslmode: 'verify-ca', sslrootcert: CERTIFICATE }, true],
    ['with sslmode=verify-full', { sslmode: 'verify-full', sslrootcert: CERTIFICATE }, true],
  ])('%s', async (_, parameters, isTls) => {
    expect(await usesTls(at(parameters, isTls))).toBe(isTls);
  });
});

describe('refuses with a code and a remedy', () => {
  it.each<[string, () => string, string, string, string]>([
    [
      'sslmode=require without TLS',
      () => at({ sslmode: 'require' }),
      'REJECTED',
      'does not support SSL',
      'sslmode=prefer',
    ],
    [
      'an unknown sslmode',
      () => at({ sslmode: 'no-verify' }),
      'SETTING_INVALID',
      'sslmode "no-verify" is unknown',
      'disable, allow, prefer, require, verify-ca, verify-full',
    ],
    [
      'sslmode=verify-ca without a CA',
      () => at({ sslmode: 'verify-ca' }),
      'SETTING_INVALID',
      'needs a certificate',
      'sslrootcert=FILE',
    ],
    [
      'a CA file that does not exist',
      () => at({ sslmode: 'verify-full', sslrootcert: '/no/ca.pem' }),
      'FILE',
      '/no/ca.pem',
      'Check the path',
    ],
    [
      'a certificate that no CA signed',
      () => at({ sslmode: 'verify-full' }, true),
      'REJECTED',
      'self-signed certificate',
      'sslrootcert=FILE',
    ],
    [
      'a certificate of another host',
      () => at({ sslmode: 'verify-full', sslrootcert: CERTIFICATE }, true, '127.0.0.2'),
      'REJECTED',
      "IP: 127.0.0.2 is not in the cert's list",
      'another host',
    ],
    [
      'a port in a parameter',
      () => at({ host: 'localhost', port: '1' }),
      'UNREACHABLE',
      'at localhost:1:',
      'Check host and port',
    ],
    [
      'a user that is not valid UTF-8',
      () => at({}).replace('//postgres:', '//%ff:'),
      'SETTING_INVALID',
      'URI malformed',
      'Check the database URL',
    ],
    [
      'a parameter that the server does not know',
      () => at({ options: '-c nonsense=1' }),
      'REJECTED',
      'nonsense',
      'Check the database URL',
    ],
  ])('%s', async (_, url, code, message, hint) => {
    const run = await migrate(url(), '--status', '--json');
    expect(run.stdout).toBe('');
    const { error } = JSON.parse(run.stderr) as { error: Record<string, string> };
    expect(error).toMatchObject({
      code: `AGENSIGHT_CLI_${code}`,
      message: expect.stringContaining(message),
      hint: expect.stringContaining(hint),
    });
    expect(run.stderr).not.toContain('postgres:postgres');
  });
});

it('refuses a URL without a host', async () => {
  const run = await migrate('postgresql:a4', '--status');
  expect(run).toMatchObject({ code: 2, stdout: '' });
  expect(run.stderr).toContain('DATABASE_URL must be a URL such as postgresql://');
});

it('refuses --status together with --dry-run', async () => {
  const run = await migrate(at({}), '--status', '--dry-run');
  expect(run).toMatchObject({ code: 2, stdout: '' });
  expect(run.stderr).toContain('--status and --dry-run cannot be used together');
});
