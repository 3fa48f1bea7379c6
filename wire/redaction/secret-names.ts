/** Names of fields, headers, parameters and variables that hold secrets. */

const SECRET_NAME =
  /(?:password|passwd|pwd|passphrase|secret|(?:api|secret|private|access|account|master|signing|encryption|role|auth|consumer|subscription|functions|openai|anthropic|service)key|authorization|cookie|(?:access|refresh|id|auth|api|bearer|session|client|security|csrf|xsrf|bot|personal)token)$/;

/** The name in lower case, without separators; of a long name, its end, which says what it is. */
const plain = (name: string): string =>
  name
    .slice(-64)
    .replace(/[^A-Za-z0-9]/g, '')
    .toLowerCase();

/** Whether the name is that of a secret, such as `apiKey` or `DB_PASSWORD`. */
export const isSecretName = (name: string): boolean =>
  name.length <= 64 && SECRET_NAME.test(plain(name));

/** Names whose value is a secret if it is random: a `token` may be a word, too. */
const TOKEN_NAME = /^(?:auth|jwt|credentials?|pass|sid)$|token$/;
const OTHER_TOKEN =
  /(?:page|next|continuation|continue|cursor|sync|pagination|[bse]os|pad|unk|mask|stop|start|first|last|sep|cls)token$/;
/** A variable of the environment, such as `STRIPE_KEY`. */
const KEY_VARIABLE = /^[A-Z][A-Z\d_]*_KEY$/;
const OTHER_KEY =
  /(?:PUBLIC|PUBLISHABLE|CACHE|SORT|PRIMARY|PARTITION|FOREIGN|ROUTING|DEDUP\w*|IDEMPOTENCY)_KEY$/;

/** Whether a random value with this name is a secret. */
export function isTokenName(name: string): boolean {
  if (name.length > 64) return false;
  const short = plain(name);
  return (
    (TOKEN_NAME.test(short) && !OTHER_TOKEN.test(short)) ||
    (KEY_VARIABLE.test(name) && !OTHER_KEY.test(name))
  );
}

/** Whether a parameter of a URL signs or opens it. */
export const isSigningName = (name: string): boolean =>
  /^(?:sig|code|key|token|auth|ticket|signature|x-(?:amz|goog)-signature|x-amz-security-token)$/i.test(
    name,
  );
