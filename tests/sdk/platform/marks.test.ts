import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { createMarks } from '../../../sdk/platform/marks.ts';

describe('a mark', () => {
  it('belongs to one object, and the first one stays', () => {
    const marks = createMarks<string>();
    const object = {};
    expect(marks.get(object)).toBe(undefined);
    marks.set(object, 'first');
    marks.set(object, 'second');
    expect(marks.get(object)).toBe('first');
    expect(marks.get({})).toBe(undefined);
    expect(createMarks<string>().get(object)).toBe(undefined);
  });

  it('cannot be seen by other code', () => {
    const marks = createMarks<number>();
    const object = { a: [1] };
    marks.set(object, 1);
    expect(Reflect.ownKeys(object)).toEqual(['a']);
    expect(inspect(object, { showHidden: true })).toBe(inspect({ a: [1] }, { showHidden: true }));
    expect(JSON.stringify(object)).toBe('{"a":[1]}');
    expect(structuredClone(object)).toStrictEqual({ a: [1] });
    expect(marks.get({ ...object })).toBe(undefined);
  });

  it('can be set on a frozen object, on a proxy without running its traps, and on a revoked one', () => {
    const marks = createMarks<number>();
    const refuse = (): never => {
      throw new Error('trap');
    };
    const traps = { get: refuse, has: refuse, defineProperty: refuse, getPrototypeOf: refuse };
    const { proxy: revoked, revoke } = Proxy.revocable({}, {});
    revoke();
    for (const object of [Object.freeze({}), new Proxy({}, traps), revoked]) {
      marks.set(object, 7);
      expect(marks.get(object)).toBe(7);
    }
  });
});
