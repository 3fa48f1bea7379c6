import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { GetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { AwsClient } from 'aws4fetch';
import { mintKeys, type Surface, startSurface } from '../../local/surface.ts';
import { createBareDatabase, type PostgresServer, startPostgres } from '../support/postgres.ts';
import { Cdk } from './cdk.ts';
import { ACCOUNT, type Deployed, Emulator, REGION } from './emulator.ts';
import { FaultyLine } from './faulty-line.ts';
import type { DeployedFunction } from './local-lambda.ts';

export type Role = 'Ingest' | 'Drain' | 'Maintain';

/** Both clouds on this machine: AWS emulated, and a Supabase project on a real Postgres. */
export class Cloud {
  readonly folder: string;
  readonly emulator: Emulator;
  readonly cdk: Cdk;
  readonly s3: S3Client;
  readonly sqs: SQSClient;
  readonly surface: Surface;
  /** Between the functions and the project's API. */
  readonly apiLine: FaultyLine;
  /** Between the project's API and its Postgres. */
  readonly databaseLine: FaultyLine;
  /** Of the database itself, past every line. */
  readonly databaseUrl: string;
  readonly #postgres: PostgresServer;

  private constructor(
    parts: Pick<
      Cloud,
      | 'folder'
      | 'emulator'
      | 'cdk'
      | 's3'
      | 'sqs'
      | 'surface'
      | 'apiLine'
      | 'databaseLine'
      | 'databaseUrl'
    >,
    postgres: PostgresServer,
  ) {
    this.folder = parts.folder;
    this.emulator = parts.emulator;
    this.cdk = parts.cdk;
    this.s3 = parts.s3;
    this.sqs = parts.sqs;
    this.surface = parts.surface;
    this.apiLine = parts.apiLine;
    this.databaseLine = parts.databaseLine;
    this.databaseUrl = parts.databaseUrl;
    this.#postgres = postgres;
  }

  static async start(): Promise<Cloud> {
    const folder = await mkdtemp(join(tmpdir(), 'agensight-cloud-'));
    const [emulator, postgres] = await Promise.all([Emulator.start(folder), startPostgres(15)]);
    const databaseUrl = await createBareDatabase(postgres.url);
    const viaLine = new URL(databaseUrl);
    const databaseLine = await FaultyLine.to(Number(viaLine.port));
    viaLine.port = String(databaseLine.port);
    const surface = await startSurface({
      databaseUrl: viaLine.href,
      dataFolder: null,
      port: 0,
      keys: mintKeys(),
    });
    const apiLine = await FaultyLine.to(Number(new URL(surface.url).port));
    const aws = {
      region: REGION,
      endpoint: emulator.url,
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    };
    const s3 = new S3Client({ ...aws, forcePathStyle: true });
    const sqs = new SQSClient({ ...aws, useQueueUrlAsEndpoint: false });
    const cdk = new Cdk(emulator, folder);
    const parts = { folder, emulator, cdk, s3, sqs, surface, apiLine, databaseLine, databaseUrl };
    return new Cloud(parts, postgres);
  }

  /** Puts the address and the key of the project into the stack's secret. */
  async fillSecret(secretArn: string, secretKey = this.surface.keys.secret): Promise<void> {
    const client = new AwsClient({
      accessKeyId: 'test',
      secretAccessKey: 'test',
      region: REGION,
      service: 'secretsmanager',
    });
    const values = {
      SUPABASE_URL: `http://127.0.0.1:${this.apiLine.port}`,
      SUPABASE_SECRET_KEY: secretKey,
    };
    const response = await client.fetch(this.emulator.url, {
      method: 'POST',
      headers: {
        'content-type': 'application/x-amz-json-1.1',
        'x-amz-target': 'secretsmanager.PutSecretValue',
      },
      body: JSON.stringify({ SecretId: secretArn, SecretString: JSON.stringify(values) }),
    });
    if (!response.ok) throw new Error(`PutSecretValue: ${response.status}`);
  }

  /** The code of a function as it was deployed: the zip that its template names, by its checksum. */
  async pull(role: Role, name: string, deployed: Deployed): Promise<DeployedFunction> {
    const facts = deployed.functions[name];
    if (!facts) throw new Error(`${name} is not deployed.`);
    const template = JSON.parse(
      await readFile(join(this.cdk.assembly, 'Agensight.template.json'), 'utf8'),
    ) as { Resources: Record<string, { Type: string; Properties: Record<string, unknown> }> };
    const [, resource] =
      Object.entries(template.Resources).find(
        ([id, { Type }]) => Type === 'AWS::Lambda::Function' && id.startsWith(`Agensight${role}`),
      ) ?? [];
    if (!resource) throw new Error(`The template has no function ${role}.`);
    const { S3Bucket, S3Key } = resource.Properties.Code as { S3Bucket: object; S3Key: string };
    const Bucket = String(Object.values(S3Bucket)[0])
      .replace(/\$\{AWS::AccountId\}/g, ACCOUNT)
      .replace(/\$\{AWS::Region\}/g, REGION);
    const { Body } = await this.s3.send(new GetObjectCommand({ Bucket, Key: S3Key }));
    const zip = (await Body?.transformToByteArray()) ?? new Uint8Array();
    const checksum = createHash('sha256').update(zip).digest('base64');
    if (checksum !== facts.CodeSha256) throw new Error(`${name} is not what was deployed.`);
    const code = join(this.folder, `${role}-${checksum.slice(0, 8).replace(/\W/g, '')}`);
    await mkdir(code, { recursive: true });
    await writeFile(`${code}.zip`, zip);
    await promisify(execFile)('python3', ['-m', 'zipfile', '-e', `${code}.zip`, code]);
    return {
      name,
      code,
      handler: facts.Handler,
      memoryMib: facts.MemorySize,
      timeoutMillis: facts.Timeout * 1000,
      env: { ...this.emulator.env, ...this.#localUrls(facts.Environment) },
    };
  }

  /** Messages that wait in a queue, seen or not. */
  async count(queueUrl: string): Promise<number> {
    const { Attributes } = await this.sqs.send(
      new GetQueueAttributesCommand({
        QueueUrl: this.local(queueUrl),
        AttributeNames: ['All'],
      }),
    );
    const counts: Record<string, string | undefined> = Attributes ?? {};
    const names = ['', 'NotVisible', 'Delayed'].map((end) => `ApproximateNumberOfMessages${end}`);
    return names.reduce((sum, name) => sum + Number(counts[name] ?? 0), 0);
  }

  /** The SQS client goes where the queue's URL points, which is AWS's own address in the outputs. */
  local(url: string): string {
    return url.replace(/^https?:\/\/[^/]*amazonaws\.com\//, `${this.emulator.url}/`);
  }

  async stop(): Promise<void> {
    await this.apiLine.close();
    await this.databaseLine.close();
    await this.surface.close().catch(() => {});
    await this.#postgres.stop();
    await this.emulator.stop();
    await rm(this.folder, { recursive: true, force: true });
  }

  #localUrls(environment: Record<string, string>): Record<string, string> {
    return Object.fromEntries(
      Object.entries(environment).map(([name, value]) => [name, this.local(value)]),
    );
  }
}
