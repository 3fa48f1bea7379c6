/**
 * The whole pipeline as it is deployed, without an account: AWS emulated, the deployed zips run in the
 * real Lambda runtime client, the API of a Supabase project on a real Postgres. One story, in order.
 *
 * `npm run test:cloud`; with `OUTAGE_MINUTES=10` the outage is as long.
 */
import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { median } from '../../bench/measure.ts';
import { MEASURED } from '../../infra/cost-figures.ts';
import { encodeObject, keyOf, type OverflowObject } from '../../lambda/overflow/object.ts';
import { EXPECTED_SCHEMA_VERSION } from '../../lambda/protocol/health.ts';
import { flush, init, shutdown, trace } from '../../sdk/index.ts';
import { Cloud } from './cloud.ts';
import { expectProperties } from './deployed-properties.ts';
import { Deployment } from './deployment.ts';
import { lintTemplates } from './lint-templates.ts';
import { batchOf, CANARY, ROWS_PER_BATCH, sendBatch, sendLoad, sendSpans } from './load.ts';
import { logLinesOf, maximumOf, sumOf } from './log-lines.ts';
import { installRuntimeClient, missingNeeds } from './needs.ts';
import { residentMib } from './resident-memory.ts';
import { printTable, type Row } from './result-table.ts';
import { makeSecondApp } from './second-app.ts';

const OUTAGE_SECONDS = Number(process.env.OUTAGE_MINUTES ?? 0) * 60 || 18;
const PER_SECOND = 50;
const INSTANCES = 4;

const missing = await missingNeeds();
if (missing.length > 0) {
  process.stdout.write(`\nThe cloud cannot be emulated here. Missing: ${missing.join(', ')}.\n`);
}

describe.skipIf(missing.length > 0)('the deployed pipeline', () => {
  const results: Row[] = [];
  let cloud: Cloud;
  let outputs: Record<string, string>;
  let deployment: Deployment;
  let installing: Promise<void>;

  beforeAll(async () => {
    // Compiled meanwhile: nothing runs in it before the stack stands.
    installing = installRuntimeClient();
    installing.catch(() => {});
    cloud = await Cloud.start();
  });

  afterAll(async () => {
    printTable(results);
    await deployment?.stop();
    await cloud?.stop();
  });

  it('is deployed from nothing', async () => {
    await cloud.cdk.must(['bootstrap', 'aws://123456789012/us-east-1']);
    // As an earlier one was: with less memory, and without its overflow ever used.
    const printed = await cloud.cdk.synth({ memorySizeMib: '512' });
    expect(printed).toContain('A million spans');
    outputs = await cloud.cdk.deploy('Agensight');
    expect(outputs.Endpoint).toMatch(/^https:\/\//);
    results.push(['deploy', `${Object.keys(outputs).length} outputs`]);
  });

  it('is upgraded without losing its secret, and differs from the code in nothing', async () => {
    await cloud.fillSecret(outputs.SecretArn ?? '');
    const before = await cloud.emulator.deployed();
    await cloud.cdk.synth();
    const changed = await cloud.cdk.run(['diff', '--fail', '--app', cloud.cdk.assembly]);
    expect(changed.code).toBe(1);
    const { AlarmTopic, ...kept } = await cloud.cdk.deploy('Agensight');
    // The emulation makes topics anew; whatever holds data or is an address stays.
    expect({ AlarmTopic: outputs.AlarmTopic, ...kept }).toEqual(outputs);
    expect(AlarmTopic).toBeDefined();
    const diff = await cloud.cdk.run(['diff', '--fail', '--app', cloud.cdk.assembly]);
    expect(diff.all).toContain('There were no differences');
    expect(diff.code).toBe(0);
    const after = await cloud.emulator.deployed();
    const name = outputs.IngestFunction ?? '';
    expect(before.functions[name]?.MemorySize).toBe(512);
    expect(after.functions[name]?.MemorySize).toBe(1024);
    results.push(['upgrade, then diff', 'empty']);
  });

  it('passes cfn-lint, with a function URL and with an HTTP API', async () => {
    await lintTemplates(cloud);
    results.push(['cfn-lint', 'clean']);
  });

  it('is what the services say it is', async () => {
    expectProperties(await cloud.emulator.deployed(), outputs);
  });

  it('takes an event of the SDK at its address, and the row is there', async () => {
    await installing;
    deployment = await Deployment.start(cloud, outputs, INSTANCES);
    const { pool, token, database } = deployment;
    const health = await fetch(`${pool.url}/v1/health`);
    expect(await health.json()).toMatchObject({
      status: 'ok',
      schema_version: EXPECTED_SCHEMA_VERSION,
    });
    init({ name: 'cloud', mode: 'prod', token, endpoint: pool.url });
    const answer = trace('answer', (question: string) => `${CANARY}: ${question}`)('why?');
    expect(answer).toContain('why?');
    expect(await flush({ timeoutMillis: 20_000 })).toMatchObject({ dropped: 0, pending: 0 });
    await shutdown();
    const { rows } = await database.query('select name, input from agensight.traces');
    expect(rows).toMatchObject([{ name: 'answer', input: 'why?' }]);
    const receipts = await database.query('select request_id, accepted_at from agensight.receipts');
    expect(receipts.rows).toMatchObject([
      { request_id: expect.stringMatching(/./), accepted_at: null },
    ]);
    results.push(['SDK to row', '1 trace']);
  });

  it('costs what the stack reckons with', async () => {
    const { pool, database } = deployment;
    // In a project of its own, so that the others can be counted.
    const made = await database.query(
      "select token from agensight.create_token((agensight.create_project('hundreds')).id)",
    );
    const { token } = made.rows[0] as { token: string };
    for (let i = 0; i < 4 * INSTANCES; i++) await sendSpans(pool.url, token, 100);
    const [from, linesFrom] = [pool.invocations.length, pool.lines.length];
    for (let i = 0; i < 20; i++) await sendSpans(pool.url, token, 100);
    const millis = median(pool.invocations.slice(from).map((invocation) => invocation.millis));
    const bytes = pool.lines.slice(linesFrom).join('\n').length / 20;
    results.push([
      'warm invocation of 100 spans, with its log',
      `${millis.toFixed(0)} ms, ${bytes} bytes`,
    ]);
    expect(bytes).toBeLessThan(1.5 * MEASURED.logBytesPerRequest);
    // A machine at work on other things is slower; ten times slower it is not.
    expect(millis).toBeLessThan(10 * MEASURED.invocationMillis);
  });

  it(
    'loses nothing of what it acknowledged while the database is away',
    async () => {
      const { pool, token } = deployment;
      await deployment.startDrain();
      // Each instance has seen the token before, or it could not know it now.
      await Promise.all(Array.from({ length: INSTANCES * 3 }, () => sendBatch(pool.url, token)));
      const before = await deployment.count('receipts');
      const linesBefore = pool.lines.length;
      const warmMib = await residentMib(pool.pids);

      const load = sendLoad(pool.url, token, PER_SECOND, OUTAGE_SECONDS);
      const third = (OUTAGE_SECONDS * 1000) / 3;
      cloud.databaseLine.become('refusing');
      await sleep(third);
      cloud.databaseLine.become('up');
      cloud.apiLine.become('refusing');
      await sleep(third);
      const earlyMib = await residentMib(pool.pids);
      cloud.apiLine.become('silent');
      await sleep(third);
      const answers = await load;
      const lateMib = await residentMib(pool.pids);
      const lines = pool.lines.slice(linesBefore);
      cloud.apiLine.become('up');

      const acknowledged = answers.filter(({ status }) => status === 200 || status === 202);
      const kept = answers.filter(({ status }) => status === 202);
      expect(acknowledged).toHaveLength(answers.length);
      expect(kept.length).toBeGreaterThan(answers.length / 2);
      const seconds = await deployment.drained(OUTAGE_SECONDS + 240);
      const stored = (await deployment.count('receipts')) - before;
      const missingOnes = await deployment.notStored(acknowledged);
      const duplicated = await deployment.count('spans');
      results.push([
        `outage of ${OUTAGE_SECONDS} s at ${PER_SECOND} batches/s: acknowledged / stored / missing`,
        `${acknowledged.length} / ${stored} / ${missingOnes}`,
      ]);
      results.push(['drained after the database came back', `${seconds.toFixed(0)} s`]);
      results.push([
        'memory of the instances, warm / early / late',
        `${warmMib} / ${earlyMib} / ${lateMib} MiB`,
      ]);
      expect(missingOnes).toBe(0);
      expect(stored).toBe(acknowledged.length);
      // The rows of each batch once: what came before has one root span more.
      const batches = (await deployment.count('receipts')) - 1;
      expect(duplicated).toBe(batches * ROWS_PER_BATCH.spans + 1);
      expect(await deployment.count('prompts')).toBe(batches);
      // It rises and falls with the collection of garbage, however long the outage is.
      expect(lateMib).toBeLessThan(300);

      // What the alarms look at.
      expect(sumOf(lines, 'Overflowed')).toBe(kept.length);
      expect(sumOf(lines, 'Unavailable')).toBe(0);
      expect(sumOf(deployment.backLines, 'Stored')).toBeGreaterThanOrEqual(kept.length);
      expect(maximumOf(deployment.backLines, 'OverflowAgeSeconds')).toBeGreaterThan(5);
      expect(await deployment.queued('DeadLetterQueue')).toBe(0);
    },
    (OUTAGE_SECONDS * 2 + 300) * 1000,
  );

  it('stores what waits once when the drain is killed in the middle', async () => {
    const { pool, token } = deployment;
    await deployment.stopDrain();
    cloud.apiLine.become('refusing');
    const answers = await sendLoad(pool.url, token, 20, 3);
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([202]));
    cloud.apiLine.become('up');
    await deployment.startDrain();
    await deployment.killDrain(5);
    await deployment.drained(120);
    expect(deployment.source?.failures).toBeGreaterThan(0);
    expect(await deployment.notStored(answers)).toBe(0);
    const batches = (await deployment.count('receipts')) - 1;
    expect(await deployment.count('spans')).toBe(batches * ROWS_PER_BATCH.spans + 1);
    results.push([
      'drain killed',
      `${deployment.source?.failures} times, ${answers.length} of ${answers.length} stored`,
    ]);
  });

  it('puts what cannot be stored with the dead letters, and replays it when it can', async () => {
    const batchId = randomUUID();
    const batch = batchOf(batchId) as OverflowObject['batch'];
    const spans = [{ ...batch.spans?.[0], started_at: 'never' }] as NonNullable<typeof batch.spans>;
    const object = deployment.accepted({ ...batch, spans });
    await deployment.plant(keyOf(object), await encodeObject(object));
    await deployment.drained(60);
    expect(await deployment.queued('DeadLetterQueue')).toBe(1);
    expect(await deployment.notStored([{ batchId, status: 202 }])).toBe(1);
    results.push(['poison', '1 dead letter, its neighbours stored']);

    // The object is readable again, and the message still points to it.
    await deployment.put(keyOf(object), await encodeObject({ ...object, batch }));
    const replayed = await deployment.maintain({ replay: { dead_letters: true } });
    expect(replayed).toMatchObject({ ok: true, payload: { replayed: 1, isFinished: true } });
    await deployment.drained(60);
    expect(await deployment.queued('DeadLetterQueue')).toBe(0);
    expect(await deployment.notStored([{ batchId, status: 202 }])).toBe(0);
    results.push(['replay', '1 of 1 stored']);
  });

  it('maintains itself twice without harm', async () => {
    for (let run = 0; run < 2; run++) {
      expect(await deployment.maintain({ source: 'aws.events' })).toMatchObject({
        ok: true,
        payload: { isFinished: true, orphans: 0 },
      });
    }
    expect(sumOf(deployment.backLines, 'Runs')).toBe(2);
  });

  it('logs which request and which batch, and neither token, key nor content', async () => {
    const { pool, token } = deployment;
    const lines = [...pool.lines, ...deployment.backLines].join('\n');
    expect(lines).not.toContain(CANARY);
    expect(lines).not.toContain(token);
    expect(lines).not.toContain(cloud.surface.keys.secret);
    const kept = logLinesOf(pool.lines).filter(
      ({ message }) => message === 'Kept a batch in the overflow',
    );
    expect(kept[0]).toMatchObject({
      request_id: expect.stringMatching(/./),
      batch_id: expect.stringMatching(/./),
      service: 'agensight-ingest',
    });
  });

  it('is deployed from a second, empty app with the packed package', async () => {
    const app = await makeSecondApp(cloud.folder);
    const args = ['--app', 'node app.mjs', '--require-approval', 'never'];
    await cloud.cdk.must(['deploy', ...args, '--outputs-file', 'outputs.json'], app);
    const { SecondApp } = JSON.parse(await readFile(join(app, 'outputs.json'), 'utf8'));
    expect(Object.keys(SecondApp)).toEqual(expect.arrayContaining(['Endpoint', 'SecretArn']));
    const { functions } = await cloud.emulator.deployed();
    expect(functions[SecondApp.IngestFunction]).toMatchObject({ MemorySize: 768 });
    // The same code, from another place.
    expect(functions[SecondApp.IngestFunction]?.CodeSha256).toBe(
      functions[outputs.IngestFunction ?? '']?.CodeSha256,
    );
    await cloud.cdk.must(['destroy', '--app', 'node app.mjs', '--force'], app);
    results.push(['deploy from a second app, by the packed package', 'the same code']);
  });

  it('is destroyed, but for the bucket with what was acknowledged', async () => {
    await deployment.stopDrain();
    await cloud.cdk.must(['destroy', 'Agensight', '--app', cloud.cdk.assembly, '--force']);
    const left = await cloud.emulator.deployed();
    expect(Object.keys(left.buckets)).toContain(outputs.OverflowBucket);
    expect(left).toMatchObject({
      functions: {},
      queues: {},
      alarms: {},
      dashboards: [],
      secrets: [],
      rules: [],
      topics: [],
      roles: [],
      logGroups: {},
    });
    results.push(['destroy', 'only the bucket is left']);
  });
});
