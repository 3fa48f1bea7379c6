/** The batches of a file that a server has accepted, recorded in `FILE.pushed`. */
import { createHash } from 'node:crypto';
import { appendFileSync, readFileSync } from 'node:fs';
import type { Output } from '../shell/output.ts';

export class Progress {
  readonly #file: string | null;
  readonly #target: string;
  readonly #sent: Set<string>;
  readonly #out: Output;
  #isWritable = true;

  private constructor(file: string | null, target: string, sent: Set<string>, out: Output) {
    this.#file = file;
    this.#target = target;
    this.#sent = sent;
    this.#out = out;
  }

  /** The progress for a file, an endpoint and a token; not persisted for standard input. */
  static open(
    file: string,
    endpoint: string,
    token: string,
    again: boolean,
    out: Output,
  ): Progress {
    const target = createHash('sha256').update(`${endpoint}\n${token}`).digest('hex').slice(0, 16);
    if (file === '-') return new Progress(null, target, new Set(), out);
    const path = `${file}.pushed`;
    const sent = again ? new Set<string>() : read(path, target);
    return new Progress(path, target, sent, out);
  }

  has(batchId: string): boolean {
    return this.#sent.has(batchId);
  }

  add(batchId: string): void {
    this.#sent.add(batchId);
    if (this.#file === null || !this.#isWritable) return;
    try {
      appendFileSync(this.#file, `${this.#target} ${batchId}\n`, { mode: 0o600 });
    } catch (error) {
      this.#isWritable = false;
      this.#out.remark(`cannot write ${this.#file}: ${(error as Error).message}`);
    }
  }
}

function read(path: string, target: string): Set<string> {
  try {
    const lines = readFileSync(path, 'utf8').split('\n');
    return new Set(lines.flatMap((line) => (line.startsWith(`${target} `) ? line.slice(17) : [])));
  } catch {
    return new Set();
  }
}
