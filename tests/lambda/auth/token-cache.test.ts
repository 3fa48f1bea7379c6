import { describe, expect, it } from 'vitest';
import { TokenCache } from '../../../lambda/auth/token-cache.ts';

describe('TokenCache', () => {
  it('drops an expired entry', () => {
    const cache = new TokenCache<string>(2);
    cache.set('a', 'x', 100);
    expect(cache.get('a', 99)).toBe('x');
    expect(cache.get('a', 100)).toBeUndefined();
    expect(cache.size).toBe(0);
  });

  it('evicts its oldest entry when it is full', () => {
    const cache = new TokenCache<string>(2);
    cache.set('a', '1', 100);
    cache.set('b', '2', 100);
    cache.set('a', '3', 100);
    cache.set('c', '4', 100);
    expect([cache.get('a', 0), cache.get('b', 0), cache.get('c', 0)]).toEqual([
      '3',
      undefined,
      '4',
    ]);
    expect(cache.size).toBe(2);
  });
});
