/** Functions that return an Observable: what runs when somebody subscribes is theirs. */

import { ONE_SET, type Program } from '../program.ts';
import { ANSWER, answered, CHAT } from '../provider/chat.ts';
import type { Json } from '../provider/server.ts';
import { saying, type Tables, times } from '../row-checks.ts';

const NAME = 'answers';

/** Subscribes as a framework does. */
const valuesOf = (observable: Json): Promise<unknown[]> =>
  new Promise((resolve) => {
    const seen: unknown[] = [];
    observable.subscribe({
      next: (value: unknown) => seen.push(value),
      error: (error: unknown) => resolve([...seen, String(error)]),
      complete: () => resolve(seen),
    });
  });

function oneTrace({ traces, spans }: Tables): string[] {
  const root = spans.find(({ name }) => name === NAME);
  const below = spans.filter((span) => span !== root);
  return [
    ...(traces.length === 1 ? [] : [`there are ${traces.length} traces`]),
    ...below.flatMap(({ name, parent_id, ended_at }) => [
      ...(parent_id === root?.id ? [] : [`${name} is not below the function`]),
      ...(Date.parse(ended_at) <= Date.parse(root?.ended_at) ? [] : [`${name} ended later`]),
    ]),
  ];
}
const noInternals = [
  { table: 'spans', none: { output: saying('_subscribe') } },
  { table: 'spans', none: { output: saying('operator') } },
] as const;

export const programs: Program[] = [
  {
    name: 'an Observable that asks a model for each value',
    packages: ['rxjs', 'openai'],
    sets: ONE_SET,
    async run({ load, provider, agensight }) {
      const { concatMap, from, map, Observable } = await load('rxjs');
      const { OpenAI } = await load('openai');
      const { url } = await provider(answered);
      const openai = new OpenAI({ apiKey: 'k', baseURL: `${url}/v1` });
      const ask = async (content: string) => {
        const messages = [{ role: 'user', content }];
        const { choices } = await openai.chat.completions.create({ ...CHAT, messages });
        return choices[0].message.content;
      };
      const answers = agensight.trace(NAME, () => from(['A', 'B']).pipe(concatMap(ask)));
      const observable = answers();
      const upper = observable.pipe(map((text: string) => text.toUpperCase()));
      return [observable instanceof Observable, await valuesOf(upper)];
    },
    rows: [
      oneTrace,
      ...noInternals,
      { table: 'completions', are: times(2, { content: ANSWER }) },
      { table: 'spans', where: { name: NAME }, are: [{ status: 'ok' }] },
    ],
  },
  {
    name: 'an Observable that takes its time',
    packages: ['rxjs'],
    sets: ONE_SET,
    async run({ load, agensight }) {
      const { take, timer } = await load('rxjs');
      return valuesOf(agensight.trace(NAME, () => timer(20, 20).pipe(take(3)))());
    },
    rows: [
      ...noInternals,
      ({ spans: [span] }) => {
        const millis = Date.parse(span?.ended_at) - Date.parse(span?.started_at);
        return millis >= 50 ? [] : [`the span took ${millis} ms, and its values 60`];
      },
    ],
  },
  {
    name: 'an Observable that fails',
    packages: ['rxjs'],
    sets: ONE_SET,
    async run({ load, agensight }) {
      const { throwError } = await load('rxjs');
      const fail = () => throwError(() => new RangeError('too warm'));
      return valuesOf(agensight.trace(NAME, fail)());
    },
    rows: [
      ...noInternals,
      { table: 'spans', are: [{ status: 'error', error: { message: 'too warm' } }] },
    ],
  },
  {
    name: 'an Observable that is left early, and one that nobody subscribes to',
    packages: ['rxjs'],
    sets: ONE_SET,
    async run({ load, agensight, pause }) {
      const { Observable } = await load('rxjs');
      const log: string[] = [];
      const ticking = () =>
        new Observable((subscriber: Json) => {
          log.push('begun');
          const timer = setInterval(() => subscriber.next(1), 5);
          return () => {
            clearInterval(timer);
            log.push('left');
          };
        });
      const ticks = agensight.trace(NAME, ticking);
      ticks();
      const subscription = ticks().subscribe(() => {});
      await pause(20);
      subscription.unsubscribe();
      return log;
    },
    rows: noInternals,
  },
];
