import { describe, expect, it } from 'vitest';
import { PERSONAL_KINDS } from '../../../wire/redaction/personal.ts';
import { mayHoldSecret } from '../../../wire/redaction/prefilter.ts';
import { redactText } from '../../../wire/redaction/redact-text.ts';

/** Each is the beginning of something that a pattern looks for, or a separator within it. */
const UNITS = [
  'sk-',
  'eyJ',
  'eyJ.',
  'eyJaaaaaaaaaaaaaaaa.',
  '-----BEGIN ',
  '-----BEGIN PRIVATE KEY-----',
  '-----END PRIVATE KEY-----',
  'Bearer ',
  'basic ',
  '://a:',
  '://',
  'a://b:c',
  '"a":"',
  '"password":"',
  'password=',
  'password ',
  'token:',
  '\\',
  '"',
  '4111 ',
  '4111-',
  '4',
  'a.',
  'a-',
  '%AAsk-',
  '\\nsk-',
  'ghp_',
  'Basic a',
  '=',
  ' :',
  'authorization: a=',
  'authorization: ',
  'cookie: a="',
  'cookie: a=b;',
  'curl ',
  'curl -u ',
  'mysql ',
  'mysql -p',
  '--token ',
  'login ',
  'login a password ',
  'jdbc:oracle:a:',
  'DE89 ',
  'DE89A',
  'a@b.',
  '+1 2',
  '\\u0041',
  '\\/',
  '8Q~',
  'JQQJ9',
  'Aa1',
  'a_',
  'AA:',
  'hooks.slack.com/',
  'a"b\'',
  '(',
  '{"',
  'Private-Lines: 1\n',
  'AAAAAAAAAAAAAAAAAAAAAAAA.AAAAAA.',
];

const ALL = { secrets: true, personal: PERSONAL_KINDS };

/** Processor time of the work, the least of several runs. */
function cost(work: () => void): number {
  let least = Number.POSITIVE_INFINITY;
  for (let run = 0; run < 3; run++) {
    const before = process.cpuUsage();
    work();
    const { user, system } = process.cpuUsage(before);
    least = Math.min(least, user + system);
  }
  return least;
}

describe('the growth of the cost', () => {
  // Sixteen times the text: linear is 16, quadratic 256.
  const FACTOR = 16;
  const LIMIT = 100;
  const MICROSECONDS = 400;

  it.each(UNITS)('is linear on repetitions of %j', (unit) => {
    const small = unit.repeat(Math.ceil(6_000 / unit.length));
    const large = small.repeat(FACTOR);
    for (const work of [
      (text: string) => redactText(text, ALL),
      (text: string) => mayHoldSecret(text, ALL),
    ]) {
      const ratio =
        cost(() => work(large)) /
        Math.max(
          MICROSECONDS,
          cost(() => work(small)),
        );
      expect(ratio).toBeLessThan(LIMIT);
    }
  });

  it('is linear on mixtures', () => {
    for (let at = 0; at + 2 < UNITS.length; at += 1) {
      const small = `${UNITS[at]}${UNITS[(at * 7 + 3) % UNITS.length]}`.repeat(300);
      const large = small.repeat(FACTOR);
      const ratio =
        cost(() => redactText(large, ALL)) /
        Math.max(
          MICROSECONDS,
          cost(() => redactText(small, ALL)),
        );
      expect(ratio).toBeLessThan(LIMIT);
    }
  });
});
