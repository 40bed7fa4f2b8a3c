import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readForm } from '../../../functions/upload/form.ts';

const type = 'multipart/form-data; boundary=frontier';
const read = (body: string | Buffer, contentType = type) => [
  ...readForm(Buffer.from(body as string, 'latin1'), contentType),
];
const part = (disposition: string, content = 'abc', more = '') =>
  `--frontier\r\nContent-Disposition: form-data; ${disposition}\r\n${more}\r\n${content}\r\n`;

describe('readForm', () => {
  test('gives names, file names, types and contents in order', () => {
    const body = `${part('name="note"', 'hello')}${part('name="file"; filename="a.jpg"', 'abc', 'Content-Type: image/JPEG; x=y\r\n')}--frontier--\r\n`;
    expect(read(body)).toEqual([
      { name: 'note', filename: undefined, type: undefined, content: Buffer.from('hello') },
      { name: 'file', filename: 'a.jpg', type: 'image/jpeg', content: Buffer.from('abc') },
    ]);
  });

  test.each([
    ['name=file; filename=a.jpg', 'a.jpg'],
    ['filename="a.jpg"; name="file"', 'a.jpg'],
    ['NAME="file"; FILENAME="a.jpg"', 'a.jpg'],
    ['name="file"; filename=""', ''],
    ['name="file"; filename="a \\"b\\"; name=\\"c.jpg"', 'a "b"; name="c.jpg'],
    ['name="file"; filename="F\u00fc\u00dfe.jpg"', 'F\u00fc\u00dfe.jpg'],
    ['name="file"; filename*=UTF-8\'\'F%C3%BC.jpg', "UTF-8''F%C3%BC.jpg"],
  ])('reads %s', (disposition, filename) => {
    expect(read(`${part(disposition)}--frontier--`)).toMatchObject([{ name: 'file', filename }]);
  });

  test('takes a boundary in quotes, with signs that a plain one must not have', () => {
    const body = '--a b:c\r\nContent-Disposition: form-data; name="file"\r\n\r\nabc\r\n--a b:c--';
    expect(read(body, 'multipart/form-data; charset=utf-8; boundary="a b:c"')).toMatchObject([
      { name: 'file' },
    ]);
  });

  test('passes over what stands before the first boundary and after the last', () => {
    expect(read(`a word\r\n${part('name="file"')}--frontier--\r\nanother`)).toHaveLength(1);
  });

  test('gives no part of a form that has none, and parts without headers or content', () => {
    expect(read('--frontier--')).toEqual([]);
    expect(read('--frontier\r\n\r\n\r\n--frontier--')).toMatchObject([
      { name: undefined, content: Buffer.alloc(0) },
    ]);
  });

  test('gives the content as it was, whatever it is', () => {
    const pieces = fc.constantFrom('\r\n', '--', 'frontier', '\r\n--frontie', '\r', '-', '\0', '\xff', 'x');
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 40 }), (all) => {
        const content = all.join('').replaceAll('\r\n--frontier', '');
        expect(read(`${part('name="file"', content)}--frontier--`)[0]?.content.toString('latin1')).toBe(
          content,
        );
      }),
    );
  });

  test('refuses whatever is cut short', () => {
    const whole = `${part('name="a"')}${part('name="file"; filename="a.jpg"')}--frontier--`;
    for (let length = 0; length < whole.length; length++)
      expect(() => read(whole.slice(0, length)), whole.slice(0, length)).toThrow(RangeError);
    expect(read(whole)).toHaveLength(2);
  });

  test('refuses a content type without a boundary, another boundary, endless headers and a thousand parts', () => {
    const body = `${part('name="file"')}--frontier--`;
    expect(() => read(body, 'multipart/form-data')).toThrow(RangeError);
    expect(() => read(body, 'multipart/form-data; boundary=other')).toThrow(RangeError);
    expect(() => read(`${part('name="file"', '', `X: ${'x'.repeat(20_000)}\r\n`)}--frontier--`)).toThrow(
      RangeError,
    );
    expect(() => read(`${part('name="file"').repeat(1001)}--frontier--`)).toThrow(RangeError);
  });
});
