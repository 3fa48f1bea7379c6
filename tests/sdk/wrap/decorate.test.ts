import 'reflect-metadata';
import { transform } from 'esbuild';
import { describe, expect, it } from 'vitest';
import * as agensight from '../../../sdk/index.ts';
import { recorded } from '../support/edge.ts';

interface Agent {
  plan(goal: string): string;
  search(query: string): Promise<string>;
  steps(): Generator<number>;
  readonly mood: string;
}

interface AgentClass {
  new (): Agent;
  create(): string;
}

const SOURCE = `
  class Agent {
    memory = 'm';
    @span plan(goal: string) { return this.memory + goal; }
    @span({ name: 'find', kind: 'tool' }) async search(query: string) { return query; }
    @span() *steps() { yield 1; }
    @span get mood() { return 'good ' + this.memory; }
    @trace('make') static create() { return 'made by ' + this.name; }
  }
  return Agent;
`;

// Only standard decorators work on private methods and fields.
const STANDARD_SOURCE = `
  class Agent {
    @span #secret(word: string) { return 'secret ' + word; }
    @span arrow = (word: string) => word + '!';
    tell(word: string) { return this.#secret(word); }
  }
  return Agent;
`;

async function compile<T>(source: string, isLegacy: boolean): Promise<T> {
  const { code } = await transform(`(function (span, trace) { ${source} })`, {
    loader: 'ts',
    target: 'es2022',
    tsconfigRaw: {
      compilerOptions: { experimentalDecorators: isLegacy, useDefineForClassFields: !isLegacy },
    },
  });
  // biome-ignore lint/security/noGlobalEval: code of this file, compiled in two modes
  const build = globalThis.eval(code) as (span: unknown, trace: unknown) => T;
  return build(agensight.span, agensight.trace);
}

describe.each([
  ['standard (TC39)', false],
  ['legacy (experimentalDecorators)', true],
])('a %s decorator', (_, isLegacy) => {
  it('records methods, getters and static methods, with this and their names', async () => {
    const Agent = await compile<AgentClass>(SOURCE, isLegacy);
    const { spans, traces } = await recorded(async () => {
      const agent = new Agent();
      expect(agent.plan('x')).toBe('mx');
      expect(await agent.search('y')).toBe('y');
      expect([...agent.steps()]).toEqual([1]);
      expect(agent.mood).toBe('good m');
      expect(Agent.create()).toBe('made by Agent');
    });
    expect(spans.map(({ name, kind, output }) => [name, kind, output])).toEqual([
      ['plan', 'span', 'mx'],
      ['find', 'tool', 'y'],
      ['steps', 'span', [1]],
      ['mood', 'span', 'good m'],
      ['make', 'span', 'made by Agent'],
    ]);
    expect(traces).toHaveLength(5);
    expect([Agent.prototype.plan.name, Agent.prototype.plan.length]).toEqual(['plan', 1]);
  });
});

describe('a standard decorator', () => {
  it('records private methods and fields that hold a function', async () => {
    const Agent = await compile<
      new () => { tell(word: string): string; arrow(word: string): string }
    >(STANDARD_SOURCE, false);
    const { spans } = await recorded(() => {
      const agent = new Agent();
      expect(agent.tell('word')).toBe('secret word');
      expect(agent.arrow('word')).toBe('word!');
    });
    expect(spans.map(({ name }) => name)).toEqual(['#secret', 'arrow']);
  });

  it('does not change a class', async () => {
    const Agent = await compile<new () => object>('@span class Agent {} return Agent;', false);
    expect(new Agent()).toBeInstanceOf(Agent);
  });
});

describe('a legacy decorator', () => {
  it('keeps metadata that other decorators set on the method', () => {
    function handler(): void {}
    Reflect.defineMetadata('path', '/users', handler);
    const given = { value: handler, writable: true, enumerable: false, configurable: true };
    const { value } = agensight.span({ name: 'users' })({}, 'handler', given);
    expect(value).not.toBe(handler);
    expect(Reflect.getMetadata('path', value as object)).toBe('/users');
  });

  it('records a field that holds a function when the compiler assigns fields', async () => {
    const Agent = await compile<new (word: string) => { list: number[]; tell(): string }>(
      `class Agent {
        @span list = [1];
        @span({ name: 'arrow' }) tell = () => this.word + '!';
        constructor(readonly word: string) {}
      }
      return Agent;`,
      true,
    );
    const { spans } = await recorded(() => {
      const [one, two] = [new Agent('a'), new Agent('b')];
      expect([one.list, one.tell(), two.tell()]).toEqual([[1], 'a!', 'b!']);
      expect(Object.keys(one).sort()).toEqual(['list', 'tell', 'word']);
    });
    expect(spans.map(({ name, output }) => [name, output])).toEqual([
      ['arrow', 'a!'],
      ['arrow', 'b!'],
    ]);
  });
});
