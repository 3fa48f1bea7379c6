/** Results with the names of an iterator's methods that are none, such as cursors of databases. */
import { describe, expect, it } from 'vitest';
import { span } from '../../../sdk/index.ts';
import { recorded } from '../support/edge.ts';

interface Row {
  readonly id: number;
  readonly done?: boolean;
  readonly value?: number;
}

/** Like the cursor of MongoDB's driver: `next()` gives a document or null. */
class Cursor {
  readonly #rows: Row[];
  closed = false;
  constructor(rows: readonly Row[]) {
    this.#rows = [...rows];
  }
  async next(): Promise<Row | null> {
    return this.#rows.shift() ?? null;
  }
  async hasNext(): Promise<boolean> {
    return this.#rows.length > 0;
  }
  async toArray(): Promise<Row[]> {
    const rows: Row[] = [];
    for await (const row of this) rows.push(row);
    return rows;
  }
  async forEach(visit: (row: Row) => void): Promise<void> {
    for await (const row of this) visit(row);
  }
  async close(): Promise<void> {
    this.closed = true;
  }
  async *[Symbol.asyncIterator](): AsyncGenerator<Row> {
    yield* this.#rows.splice(0);
  }
}

/** Like the cursor of ArangoDB's driver: `all()`, and undefined at the end. */
class OtherCursor {
  readonly #rows: Row[];
  constructor(rows: readonly Row[]) {
    this.#rows = [...rows];
  }
  next(): Row | undefined {
    return this.#rows.shift();
  }
  async all(): Promise<Row[]> {
    return this.#rows.splice(0);
  }
  async *[Symbol.asyncIterator](): AsyncGenerator<Row> {
    yield* this.#rows.splice(0);
  }
}

const ROWS: Row[] = [{ id: 1 }, { id: 2, done: true }, { id: 3, done: true, value: 7 }];

type Find = () => Cursor;
const READS: Record<string, (cursor: Cursor) => Promise<unknown>> = {
  next: async (cursor) => {
    const rows: Row[] = [];
    for (let row = await cursor.next(); row; row = await cursor.next()) rows.push(row);
    return rows;
  },
  'hasNext and next': async (cursor) => {
    const rows: (Row | null)[] = [];
    while (await cursor.hasNext()) rows.push(await cursor.next());
    return rows;
  },
  toArray: (cursor) => cursor.toArray(),
  forEach: async (cursor) => {
    const rows: Row[] = [];
    await cursor.forEach((row) => void rows.push(row));
    return rows;
  },
  'for await': async (cursor) => {
    const rows: Row[] = [];
    for await (const row of cursor) rows.push(row);
    return rows;
  },
};

describe('a cursor', () => {
  it.each(Object.entries(READS))('read by %s gives its rows and ends its span', async (_, read) => {
    const held: Cursor[] = [];
    const { spans } = await recorded(async () => {
      const find = span('find', (() => new Cursor(ROWS)) as Find);
      const cursor = find();
      held.push(cursor);
      expect(await read(cursor)).toEqual(ROWS);
      span('after', () => 0)();
    });
    expect(spans.map(({ name }) => name)).toEqual(['find', 'after']);
    expect(spans[0]).toMatchObject({ status: 'ok', output: ROWS });
    expect(held).toHaveLength(1);
  });

  it('left in the middle or closed ends its span', async () => {
    const { spans } = await recorded(async () => {
      const find = span('find', () => new Cursor(ROWS));
      for await (const row of find()) if (row.id === 1) break;
      const cursor = find();
      await cursor.next();
      await cursor.close();
    });
    expect(spans).toMatchObject([{ output: [{ id: 1 }] }, { output: [{ id: 1 }] }]);
  });

  it('with a synchronous next() or all() gives its rows', async () => {
    const { spans } = await recorded(async () => {
      const find = span('find', () => new OtherCursor(ROWS));
      const cursor = find();
      const rows: unknown[] = [];
      for (let row = cursor.next(); row; row = cursor.next()) rows.push(row);
      expect(rows).toEqual(ROWS);
      expect(await find().all()).toEqual(ROWS);
    });
    expect(spans).toMatchObject([{ output: ROWS }, { output: ROWS }]);
  });
});

describe('an iterable', () => {
  it('keeps a property that is called `iterator`', async () => {
    const { spans } = await recorded(async () => {
      const list = {
        iterator: 42,
        async *[Symbol.asyncIterator]() {
          yield 1;
        },
      };
      const result = span('list', () => list)();
      expect(result.iterator).toBe(42);
      for await (const one of result) expect(one).toBe(1);
    });
    expect(spans[0]).toMatchObject({ output: [1] });
  });

  it('may give steps that are none', async () => {
    const steps = [null, 1, 'x', {}, undefined];
    const odd = {
      next: () => steps.shift(),
      [Symbol.asyncIterator]() {
        return this;
      },
    };
    await recorded(() => {
      const result = span('odd', () => odd)();
      expect([1, 2, 3, 4, 5].map(() => result.next())).toEqual([null, 1, 'x', {}, undefined]);
    });
  });

  it('that is returned a thousand times is not wrapped a thousand times', async () => {
    const numbers = {
      async *[Symbol.asyncIterator]() {
        yield 1;
      },
    };
    let depth = 0;
    Object.defineProperty(numbers, 'depth', {
      get: () => (new Error().stack ?? '').split('\n').length,
    });
    await recorded(async () => {
      const get = span('get', () => numbers);
      for (let i = 0; i < 1_000; i++) get();
      for await (const one of get()) depth += one;
    });
    expect(depth).toBe(1);
  });
});

describe('a result with a stream in it', () => {
  it('is followed to the end of the stream', async () => {
    const { spans } = await recorded(async () => {
      const converse = span('converse', async () => ({
        $metadata: { requestId: 'r' },
        stream: (async function* () {
          yield { part: 1 };
          yield { part: 2 };
        })(),
      }));
      const result = await converse();
      const { stream } = result;
      const seen: unknown[] = [];
      for await (const part of stream) seen.push(part);
      expect(seen).toEqual([{ part: 1 }, { part: 2 }]);
      expect(result.stream).toBe(stream);
    });
    expect(spans[0]).toMatchObject({ status: 'ok', output: [{ part: 1 }, { part: 2 }] });
  });
});
