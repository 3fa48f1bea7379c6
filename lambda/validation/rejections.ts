/** Rejected records with their reasons. The list is bounded, the counts are exact. */
import { LIMITS, type RecordKind } from '../../wire/protocol.ts';
import type { Rejection } from '../../wire/reply.ts';

export class Rejections {
  readonly list: Rejection[] = [];
  #count = 0;
  readonly #countByKind = new Map<RecordKind, number>();

  get count(): number {
    return this.#count;
  }

  add(rejection: Rejection): void {
    this.#count++;
    this.#countByKind.set(rejection.kind, this.countOf(rejection.kind) + 1);
    if (this.list.length < LIMITS.maxRejectionsListed) this.list.push(rejection);
  }

  countOf(kind: RecordKind): number {
    return this.#countByKind.get(kind) ?? 0;
  }
}
