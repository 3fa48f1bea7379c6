import { type ChildProcess, spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../support/postgres.ts';
import { mustRun } from './run-command.ts';

export const ACCOUNT = '123456789012';
export const REGION = 'us-east-1';

/** AWS on this machine: moto, with what it lacks of CloudFormation. */
export class Emulator {
  readonly url: string;
  /** What every client of it needs, so that none of them looks anywhere else. */
  readonly env: Record<string, string>;
  readonly #process: ChildProcess;

  private constructor(url: string, folder: string, child: ChildProcess) {
    this.url = url;
    this.#process = child;
    this.env = {
      AWS_ENDPOINT_URL: url,
      // The CDK makes an address of the template from this one; moto knows it by AWS's own name.
      AWS_ENDPOINT_URL_S3_FOR_CLOUDFORMATION: `https://s3.${REGION}.amazonaws.com`,
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
      AWS_REGION: REGION,
      AWS_DEFAULT_REGION: REGION,
      AWS_EC2_METADATA_DISABLED: 'true',
      AWS_PAGER: '',
      AWS_CONFIG_FILE: join(folder, 'no-aws-config'),
      AWS_SHARED_CREDENTIALS_FILE: join(folder, 'no-aws-credentials'),
      CDK_HOME: join(folder, 'cdk-home'),
      CDK_DISABLE_CLI_TELEMETRY: 'true',
    };
  }

  /** @param folder for its log, and for what the CDK keeps at home */
  static async start(folder: string): Promise<Emulator> {
    const port = await freePort();
    const server = join(import.meta.dirname, 'aws-server.py');
    const child = spawn('python3', [server, '-p', String(port)], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const log = createWriteStream(join(folder, 'aws.log'));
    child.stdout.pipe(log);
    child.stderr.pipe(log);
    const emulator = new Emulator(`http://127.0.0.1:${port}`, folder, child);
    for (let tries = 0; tries < 240; tries++) {
      if (child.exitCode !== null) break;
      if (
        await fetch(`${emulator.url}/moto-api/`).then(
          () => true,
          () => false,
        )
      )
        return emulator;
      await sleep(250);
    }
    child.kill();
    throw new Error(`moto did not start; see ${join(folder, 'aws.log')}`);
  }

  /** What is deployed, read back service by service. */
  async deployed(): Promise<Deployed> {
    const script = join(import.meta.dirname, 'read-deployed.py');
    const env = { ...process.env, ...this.env };
    return JSON.parse(await mustRun('python3', [script], { env })) as Deployed;
  }

  async stop(): Promise<void> {
    if (this.#process.exitCode !== null) return;
    const ended = new Promise((resolve) => this.#process.once('exit', resolve));
    this.#process.kill('SIGKILL');
    await ended;
  }
}

/** As `read-deployed.py` prints it. */
export interface Deployed {
  functions: Record<
    string,
    {
      Runtime: string;
      Handler: string;
      MemorySize: number;
      Timeout: number;
      Architectures: string[];
      CodeSha256: string;
      Environment: Record<string, string>;
    }
  >;
  urls: Record<string, { AuthType: string; InvokeMode: string }>;
  sources: {
    EventSourceArn: string;
    BatchSize: number;
    FunctionResponseTypes: string[];
    ScalingConfig: { MaximumConcurrency: number } | null;
  }[];
  queues: Record<string, Record<string, string>>;
  buckets: Record<string, { publicAccess: unknown; encryption: unknown }>;
  alarms: Record<string, { threshold: number; missing: string; actions: number }>;
  dashboards: string[];
  logGroups: Record<string, number | null>;
  secrets: string[];
  rules: { schedule: string; targets: string[] }[];
  topics: string[];
  roles: string[];
}
