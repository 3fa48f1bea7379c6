import { expect, it } from 'vitest';
import { onEachPostgres, type TestProject } from '../support/database.ts';

const at = (second: number) => `2026-01-02T03:04:0${second}Z`;

interface Span {
  id: string;
  parent_id?: string;
  started_at?: string;
}

const spanOf = ({ id, ...more }: Span) => ({ trace_id: 't', id, name: `name of ${id}`, ...more });

/** All orders of a list. */
function orders<Item>(items: readonly Item[]): Item[][] {
  if (items.length === 0) return [[]];
  return items.flatMap((item, at) =>
    orders([...items.slice(0, at), ...items.slice(at + 1)]).map((rest) => [item, ...rest]),
  );
}

onEachPostgres('a trace without a root', (database) => {
  const nameIn = async (project: TestProject) =>
    (await database().rows('traces', project))[0]?.name;

  /** The name, which is the same in any order and all at once. */
  async function nameOf(spans: readonly Span[]): Promise<unknown> {
    const ways = [
      [spans.map(spanOf)],
      ...orders(spans).map((list) => list.map((s) => [spanOf(s)])),
    ];
    const names = new Set<unknown>();
    for (const batches of ways) {
      const project = await database().project();
      for (const each of batches) await database().ingest(project, { spans: each });
      names.add(await nameIn(project));
    }
    expect(names.size).toBe(1);
    return [...names][0];
  }

  it.each<[string, Span[], string]>([
    [
      'its earliest span',
      [
        { id: 'a', parent_id: 'lost', started_at: at(2) },
        { id: 'b', parent_id: 'lost', started_at: at(1) },
        { id: 'c', parent_id: 'a', started_at: at(3) },
      ],
      'name of b',
    ],
    [
      'the top above it, also where the clock of that one is late',
      [
        { id: 'a', parent_id: 'lost', started_at: at(3) },
        { id: 'b', parent_id: 'a', started_at: at(2) },
        { id: 'c', parent_id: 'b', started_at: at(1) },
      ],
      'name of a',
    ],
    [
      'one of two that began together',
      [
        { id: 'a', parent_id: 'b', started_at: at(1) },
        { id: 'b', parent_id: 'lost', started_at: at(1) },
        { id: 'c', started_at: at(2) },
      ],
      'name of b',
    ],
    [
      'a span with a time before one without',
      [{ id: 'a' }, { id: 'b', started_at: at(1) }],
      'name of b',
    ],
  ])('has the name of %s', async (_, spans, name) => {
    expect(await nameOf(spans)).toBe(name);
  });

  it('ends with spans that are above each other', async () => {
    const spans = [
      { id: 'a', parent_id: 'b', started_at: at(1) },
      { id: 'b', parent_id: 'a', started_at: at(2) },
    ].map(spanOf);
    const project = await database().project();
    await database().ingest(project, { spans });
    expect(await nameIn(project)).toMatch(/^name of [ab]$/);
  });

  it('is renamed by its root, and by nothing after it', async () => {
    for (const batches of orders([
      { traces: [{ id: 't', name: 'root', ended_at: at(5) }] },
      { spans: [spanOf({ id: 'a', started_at: at(2) })] },
      { spans: [spanOf({ id: 'b', started_at: at(1) })] },
      { traces: [{ id: 't', user_id: 'ada', ended_at: at(6) }] },
    ])) {
      const project = await database().project();
      for (const batch of batches) await database().ingest(project, batch);
      expect(await database().rows('traces', project)).toMatchObject([
        { name: 'root', user_id: 'ada', span_count: 2 },
      ]);
    }
  });
});
