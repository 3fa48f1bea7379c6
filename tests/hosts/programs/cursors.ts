/** Functions that return cursors: what they yield are documents or null, not steps of an iterator. */

import type { Host, Program } from '../program.ts';
import { listOf } from '../provider/chat.ts';
import type { Json } from '../provider/server.ts';
import { some } from '../row-checks.ts';

const TODOS = [
  { _id: 1, done: false },
  { _id: 2, done: true },
  { _id: 3, done: false },
];

/** The driver's own cursor; only the first answer of the server is put in its place. */
async function findTodos({ load }: Host): Promise<Json> {
  const { Long, MongoClient } = await load('mongodb');
  const cursor = new MongoClient('mongodb://127.0.0.1:1').db('home').collection('todos').find({});
  const batch = Object.assign([...TODOS], { id: Long.fromNumber(0), clear: () => {} });
  Object.getPrototypeOf(cursor)._initialize = async () => ({ server: undefined, response: batch });
  return cursor;
}

const WAYS: Record<string, (cursor: Json) => Promise<unknown>> = {
  'next until null': async (cursor) => {
    const ids = [];
    for (let todo = await cursor.next(); todo; todo = await cursor.next()) ids.push(todo._id);
    return ids;
  },
  'hasNext and next': async (cursor) => {
    const ids = [];
    while (await cursor.hasNext()) ids.push((await cursor.next())._id);
    return ids;
  },
  'for await': async (cursor) => (await listOf<Json>(cursor)).map(({ _id }) => _id),
  toArray: async (cursor) => (await cursor.toArray()).length,
  forEach: async (cursor) => {
    const ids: number[] = [];
    await cursor.forEach(({ _id }: Json) => void ids.push(_id));
    return ids;
  },
  'next, then close': async (cursor) => {
    const { _id } = await cursor.next();
    await cursor.close();
    return [_id, cursor.closed];
  },
  stream: async (cursor) => (await listOf<Json>(cursor.stream())).map(({ _id }) => _id),
  map: async (cursor) => cursor.map(({ _id }: Json) => _id * 2).toArray(),
};

const mongodb: Program = {
  name: 'MongoDB, a cursor read in eight ways',
  packages: ['mongodb'],
  async run(host) {
    const seen: Record<string, unknown> = {};
    for (const [way, read] of Object.entries(WAYS)) {
      const cursor = await findTodos(host);
      const found = host.agensight.span(way, () => cursor)();
      seen[way] = [found === cursor, await host.attempt(() => read(found))];
    }
    return seen;
  },
  rows: [
    {
      table: 'spans',
      are: Object.keys(WAYS).map((name) => ({ name, status: 'ok', ended_at: some })),
    },
  ],
};

/** Cursors of other makes: `next` and `Symbol.asyncIterator` side by side, in all mixtures. */
const makes: Record<string, () => Json> = {
  'whose next returns documents': () => ({
    left: [...TODOS],
    async next() {
      return this.left.shift() ?? null;
    },
    async *[Symbol.asyncIterator]() {
      while (this.left.length > 0) yield this.left.shift();
    },
  }),
  'whose next is synchronous': () => ({
    left: [...TODOS],
    next() {
      return this.left.shift();
    },
    *[Symbol.iterator]() {
      while (this.left.length > 0) yield this.left.shift();
    },
  }),
  'with a field named iterator': () => ({
    iterator: 42,
    left: [...TODOS],
    async next() {
      return this.left.shift() ?? null;
    },
    [Symbol.asyncIterator]() {
      return {
        next: async () => {
          const value = this.left.shift();
          return { done: value === undefined, value };
        },
      };
    },
  }),
};

const others: Program = {
  name: 'cursors of other makes',
  async run({ agensight, attempt }) {
    const seen: Record<string, unknown> = {};
    for (const [make, create] of Object.entries(makes)) {
      const find = agensight.span('find', create);
      seen[make] = [
        find().iterator,
        await attempt(async () => {
          const cursor = find();
          const all = [];
          for (let one = await cursor.next(); one; one = await cursor.next()) all.push(one);
          return all;
        }),
        await attempt(() => listOf(find())),
      ];
    }
    return seen;
  },
};

export const programs: Program[] = [mongodb, others];
