import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HttpError } from '../../../lambda/http/http-error.ts';
import { boundaryOf, readParts } from '../../../lambda/langsmith/multipart.ts';

const TYPE = 'multipart/form-data; boundary=b1';

/** A body as the clients write it. */
const bodyOf = (parts: readonly (readonly [name: string, body: Uint8Array])[]): Buffer =>
  Buffer.concat([
    ...parts.flatMap(([name, body]) => [
      Buffer.from(
        `--b1\r\nContent-Disposition: form-data; name="${name}"\r\nContent-Type: application/json\r\n\r\n`,
      ),
      body,
      Buffer.from('\r\n'),
    ]),
    Buffer.from('--b1--\r\n'),
  ]);

const bytes = (text: string): Uint8Array => Buffer.from(text);

function read(body: Buffer, type = TYPE): { name: string; text: string }[] {
  const parts = readParts(body, type);
  if (parts instanceof HttpError) throw new Error(parts.message);
  return parts.map(({ name, body: part }) => ({ name, text: part.toString('latin1') }));
}

describe('a multipart body', () => {
  it('is read part by part, with any bytes and a boundary in them', () => {
    const parts = [
      ['post.1', bytes('{"id":"1"}')],
      ['attachment.1.picture', Buffer.from([0, 255, 13, 10, 45])],
      ['patch.1.outputs', bytes('inside --b1 --b1--\r\n--b12')],
      ['empty', bytes('')],
    ] as const;
    expect(read(bodyOf(parts))).toEqual(
      parts.map(([name, body]) => ({ name, text: Buffer.from(body).toString('latin1') })),
    );
  });

  it('is read whatever its parts are', () => {
    const body = fc
      .uint8Array({ maxLength: 200 })
      .filter((part) => !/^--b1|\r\n--b1/.test(Buffer.from(part).toString('latin1')));
    const name = fc.stringMatching(/^[\w.-]{1,40}$/);
    fc.assert(
      fc.property(fc.array(fc.tuple(name, body), { maxLength: 12 }), (parts) => {
        expect(read(bodyOf(parts))).toEqual(
          parts.map(([key, part]) => ({ name: key, text: Buffer.from(part).toString('latin1') })),
        );
      }),
    );
  });

  it.each([
    ['multipart/form-data; boundary="a b"', 'a b'],
    ['multipart/form-data;charset=utf-8;BOUNDARY=x', 'x'],
    ['multipart/form-data', null],
    [`multipart/form-data; boundary=${'x'.repeat(71)}`, null],
    ['multipart/form-data; boundary=""', null],
  ])('has the boundary of its type: %s', (type, boundary) => {
    expect(boundaryOf(type)).toBe(boundary);
  });

  it.each([
    ['no boundary in the type', bodyOf([]), 'multipart/form-data'],
    ['another boundary', bodyOf([]), 'multipart/form-data; boundary=b2'],
    ['nothing', Buffer.alloc(0), TYPE],
    [
      'a part without an end',
      Buffer.from('--b1\r\nContent-Disposition: form-data; name="a"\r\n\r\n{}'),
      TYPE,
    ],
    ['a part without a head', Buffer.from('--b1\r\n{}\r\n--b1--'), TYPE],
    ['no last delimiter', bodyOf([['a', bytes('{}')]]).subarray(0, -8), TYPE],
    ['an endless head', Buffer.from(`--b1\r\n${'x: y\r\n'.repeat(2_000)}\r\n\r\n--b1--`), TYPE],
  ])('with %s is refused', (_, body, type) => {
    expect(readParts(body, type)).toMatchObject({ code: 'malformed' });
  });

  it('of too many parts is refused', () => {
    const part = '--b1\r\nContent-Disposition: form-data; name="a"\r\n\r\n\r\n';
    const body = Buffer.from(`${part.repeat(160_001)}--b1--`);
    expect(readParts(body, TYPE)).toMatchObject({ code: 'too_large' });
  });
});
