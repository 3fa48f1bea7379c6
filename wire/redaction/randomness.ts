/** Whether a text was generated at random, or written by a person. */

/** The fewest characters of a random key. */
const MIN_RANDOM = 16;

const LOWER = 1;
const UPPER = 2;
const DIGIT = 3;

function classOf(unit: number): number {
  if (unit >= 0x61 && unit <= 0x7a) return LOWER;
  if (unit >= 0x41 && unit <= 0x5a) return UPPER;
  return unit >= 0x30 && unit <= 0x39 ? DIGIT : 0;
}

/**
 * Whether letters and digits alternate as in a generated key. In `hf_hub_download_v2`, `sk-learn-0-24` and
 * `camelCaseNames` they seldom do. A key of one case and without digits is not recognised.
 */
export function isRandom(text: string): boolean {
  const counts = [0, 0, 0, 0];
  let changes = 0;
  let last = 0;
  const length = Math.min(text.length, 256);
  for (let at = 0; at < length; at++) {
    const now = classOf(text.charCodeAt(at));
    counts[now] = (counts[now] as number) + 1;
    // A separator is no change: words and version numbers have separators between them.
    if (now && last && now !== last) changes += 1;
    last = now;
  }
  const [, lower = 0, upper = 0, digits = 0] = counts;
  const letters = lower + upper;
  const all = letters + digits;
  if (all < MIN_RANDOM || letters === 0) return false;
  const isMixed = upper >= letters * 0.2 && lower >= letters * 0.2;
  // A name in camel case has few upper-case letters, and few digits, both in the same places.
  if (digits === 0) return isMixed && changes >= all * 0.3;
  return changes >= all * 0.2 && (isMixed || digits >= all * 0.1);
}

const NAMES = /your|example|placeholder|change.?me|insert|replace|dummy|redacted|x{4}|\*{3}|\.{3}/i;

/** Whether a value stands for a secret instead of being one: `<your-key>`, `$API_KEY`, `{{ key }}`, `API_KEY`. */
export const isPlaceholder = (value: string): boolean =>
  /^(?:[[<{(*]|\$(?:[{(]|[A-Z\d_]+$|[A-Za-z_]+$)|%(?:[A-Z_]+%|[{(]|[a-z]$)|@\w+@$)/.test(value) ||
  /^[A-Z][A-Z\d]*(?:_[A-Z\d]+)+$/.test(value) ||
  (value.length < 64 && NAMES.test(value) && !isRandom(value.replace(NAMES, '')));

/** Whether a value is an expression of source code: `settings.key_v2`, `process.env.KEY`, `user_password1`. */
export const isCode = (value: string): boolean =>
  !isRandom(value) &&
  (/^[A-Za-z_$][\w$]*(?:\??\.[A-Za-z_$][\w$]*)+\.?$/.test(value) ||
    /^[a-z_]+(?:_[a-z\d]+)*_?(?:key|token|secret|pass|passwd|password|pwd)\d*(?:_[a-z\d]+)*$/.test(
      value,
    ));
