import { setTimeout as sleep } from 'node:timers/promises';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { SendMessageCommand } from '@aws-sdk/client-sqs';
import type pg from 'pg';
import type { OverflowObject } from '../../lambda/overflow/object.ts';
import { connect, sha256 } from '../support/database.ts';
import type { Cloud, Role } from './cloud.ts';
import type { Deployed } from './emulator.ts';
import { FunctionPool } from './function-pool.ts';
import type { Acknowledged } from './load.ts';
import { type DeployedFunction, LocalLambda } from './local-lambda.ts';
import { QueueSource } from './queue-source.ts';

/** For how long a message is hidden while it is handled: six minutes in AWS, too long to wait for here. */
const HIDDEN_SECONDS = 8;
/** Calls of the drain at the same time, as in the stack. */
const DRAINS = 2;

/** The deployed stack at work: its functions run, and a project writes to it. */
export class Deployment {
  readonly cloud: Cloud;
  readonly outputs: Record<string, string>;
  readonly deployed: Deployed;
  readonly pool: FunctionPool;
  readonly database: pg.Client;
  readonly projectId: string;
  readonly token: string;
  /** What drain and maintain wrote. */
  readonly backLines: string[] = [];
  drains: LocalLambda[] = [];
  source: QueueSource | null = null;

  private constructor(
    cloud: Cloud,
    outputs: Record<string, string>,
    deployed: Deployed,
    pool: FunctionPool,
    database: pg.Client,
    project: { id: string; token: string },
  ) {
    this.cloud = cloud;
    this.outputs = outputs;
    this.deployed = deployed;
    this.pool = pool;
    this.database = database;
    this.projectId = project.id;
    this.token = project.token;
  }

  static async start(
    cloud: Cloud,
    outputs: Record<string, string>,
    instances: number,
  ): Promise<Deployment> {
    const deployed = await cloud.emulator.deployed();
    const ingest = await cloud.pull('Ingest', outputs.IngestFunction ?? '', deployed);
    const database = await connect(cloud.databaseUrl);
    const made = await database.query("select id from agensight.create_project('cloud')");
    const project = made.rows[0] as { id: string };
    const { rows } = await database.query('select token from agensight.create_token($1)', [
      project.id,
    ]);
    const { token } = rows[0] as { token: string };
    const pool = await FunctionPool.start(ingest, instances);
    return new Deployment(cloud, outputs, deployed, pool, database, { id: project.id, token });
  }

  pull(role: Role): Promise<DeployedFunction> {
    return this.cloud.pull(role, this.outputs[`${role}Function`] ?? '', this.deployed);
  }

  /** Starts what Lambda does between the queue and the drain function. */
  async startDrain(): Promise<void> {
    const drain = await this.pull('Drain');
    for (let i = 0; i < DRAINS; i++) {
      this.drains.push(await LocalLambda.start(drain, (line) => this.backLines.push(line)));
    }
    const queueUrl = this.cloud.local(this.outputs.OverflowQueue ?? '');
    this.source = new QueueSource(this.cloud.sqs, queueUrl, this.drains, HIDDEN_SECONDS);
  }

  /** Ends it, with whatever it is doing done. */
  async stopDrain(): Promise<void> {
    await this.source?.stop();
    await Promise.all(this.drains.map((drain) => drain.stop()));
    this.source = null;
    this.drains = [];
  }

  /** Kills the drain in the middle of its work so often; less often when nothing is left to do. */
  async killDrain(times: number): Promise<void> {
    for (let killed = 0; killed < times && (await this.queued('OverflowQueue')) > 0; ) {
      const busy = this.drains.find(({ isBusy }) => isBusy);
      if (busy) {
        await sleep(10 * killed);
        busy.kill();
        killed++;
      }
      await sleep(5);
    }
  }

  /** One invocation of the maintain function. */
  async maintain(event: unknown) {
    const fn = await this.pull('Maintain');
    const instance = await LocalLambda.start(fn, (line) => this.backLines.push(line));
    try {
      return await instance.invoke(event);
    } finally {
      await instance.stop();
    }
  }

  /** Messages in the queue of batches that wait, and in the one of those that cannot be stored. */
  queued(which: 'OverflowQueue' | 'DeadLetterQueue'): Promise<number> {
    return this.cloud.count(this.outputs[which] ?? '');
  }

  /** Until nothing waits, or so many seconds are over; the seconds it took. */
  async drained(withinSeconds: number): Promise<number> {
    const startedAtMillis = performance.now();
    for (;;) {
      const seconds = (performance.now() - startedAtMillis) / 1000;
      const left = await this.queued('OverflowQueue');
      if (left === 0) return seconds;
      if (seconds > withinSeconds)
        throw new Error(`${left} messages still wait after ${seconds} s.`);
      await sleep(250);
    }
  }

  /** A batch as the ingest function keeps it while the database is away. */
  accepted(batch: OverflowObject['batch']): OverflowObject {
    return {
      version: 1,
      project_id: this.projectId,
      token_hash: sha256(this.token),
      accepted_at: new Date().toISOString(),
      names_span_only: false,
      batch,
    };
  }

  /** Puts an object and its message where the ingest function would. */
  async plant(key: string, body: Uint8Array): Promise<void> {
    await this.put(key, body);
    const QueueUrl = this.cloud.local(this.outputs.OverflowQueue ?? '');
    await this.cloud.sqs.send(
      new SendMessageCommand({ QueueUrl, MessageBody: JSON.stringify({ key }) }),
    );
  }

  /** Puts an object alone. */
  async put(key: string, body: Uint8Array): Promise<void> {
    const { OverflowBucket: Bucket } = this.outputs;
    await this.cloud.s3.send(new PutObjectCommand({ Bucket, Key: key, Body: body }));
  }

  async count(table: string): Promise<number> {
    const { rows } = await this.database.query(
      `select count(*)::integer as count from agensight.${table} where project_id = $1`,
      [this.projectId],
    );
    return (rows[0] as { count: number }).count;
  }

  /** How many of these batches have no receipt. */
  async notStored(answers: readonly Acknowledged[]): Promise<number> {
    const { rows } = await this.database.query(
      `select count(*)::integer as count from unnest($1::uuid[]) as sent (id)
       where not exists (select from agensight.receipts r where r.batch_id = sent.id)`,
      [answers.map(({ batchId }) => batchId)],
    );
    return (rows[0] as { count: number }).count;
  }

  async stop(): Promise<void> {
    await this.stopDrain();
    await this.pool.stop();
    await this.database.end();
  }
}
