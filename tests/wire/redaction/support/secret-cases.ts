/**
 * Secrets as programs meet them; none is real. Prefixes are concatenated, so that secret scanners do
 * not report this file.
 */
import { random, randomBase64, withCheckDigit } from './generated.ts';
import { KEY_CASES, type SecretCase } from './key-cases.ts';

const hex = (length: number): string => random(length, 'hex');
const upper = (length: number): string => random(length, 'base32');
const p = (...parts: string[]): string => parts.join('');
const pem = (label: string, body: string): string =>
  `-----BEGIN ${label}-----\n${body}\n-----END ${label}-----`;
const RSA = p('RSA PRIV', 'ATE KEY');

/** Secrets with a name in front of them. */
const NAMED: readonly SecretCase[] = [
  ['AWS secret, variable', randomBase64(30), 'AWS_SECRET_ACCESS_KEY=$'],
  ['AWS secret, file', randomBase64(30), '[default]\naws_secret_access_key = $'],
  [
    'AWS session token',
    p('IQoJb3Jp', 'Z2luX2Vj', randomBase64(90)),
    'export AWS_SESSION_TOKEN="$"',
  ],
  [
    'Azure storage',
    randomBase64(64),
    'DefaultEndpointsProtocol=https;AccountName=acc;AccountKey=$;EndpointSuffix=core.windows.net',
  ],
  [
    'Azure service bus',
    randomBase64(32),
    'Endpoint=sb://x.servicebus.windows.net/;SharedAccessKeyName=Root;SharedAccessKey=$',
  ],
  ['Azure OpenAI header', hex(32), 'api-key: $'],
  ['Azure subscription header', hex(32), 'Ocp-Apim-Subscription-Key: $'],
  ['Cohere', random(40), 'COHERE_API_KEY=$'],
  ['Together', hex(64), 'TOGETHER_API_KEY: $'],
  ['Twilio', hex(32), 'TWILIO_AUTH_TOKEN=$'],
  ['Cloudflare', random(40), 'CLOUDFLARE_API_TOKEN=$'],
  ['Datadog', hex(32), 'DD_API_KEY=$'],
  ['GitHub, another token', hex(40), 'GITHUB_TOKEN=$'],
  ['Stripe, a key without a known prefix', random(40), 'STRIPE_KEY=$'],
  ['letters only', random(40, 'lower'), 'MY_API_KEY=$'],
  ['words with dashes', 'correct-horse-battery-staple', 'DB_PASSWORD=$'],
  ['header of a gateway', random(32), 'x-api-key: $'],
  ['password of words', 'correcthorsebattery', 'password: $'],
  ['password of libpq', 'letmein99', 'PGPASSWORD=$ psql'],
  ['password in keywords', 'Secr3tPass1', 'host=db user=app password=$ dbname=x'],
  ['password of ODBC', 'Secr3tPass1', 'Server=x;Uid=sa;Pwd=$;'],
  ['password of JDBC', 'Secr3tPass1', 'jdbc:postgresql://h/db?user=a&password=$'],
  ['passphrase', 'Secr3tPass1', 'passphrase = "$"'],
  ['source code', 'Secr3tPass1', "const db = connect({ user: 'a', password: '$' });"],
  ['source code, a hash of Ruby', 'Secr3tPass1', ":password => '$'"],
  ['source code, an apostrophe in double quotes', "it's-Secr3t", 'password = "$"'],
  ['kubeconfig', p('k8s-', random(40)), 'users:\n- name: x\n  user:\n    token: $'],
  ['.netrc', 'Secr3tPass1', 'machine h login u password $'],
  ['.npmrc', random(36), '//registry.example.org/:_authToken=$'],
  [
    'Docker configuration',
    Buffer.from('u:Secr3tPass1').toString('base64'),
    '{"auths":{"r.io":{"auth":"$"}}}',
  ],
  ['one-time password', 'JBSWY3DPEHPK3PXP', 'otpauth://totp/x?secret=$&issuer=y'],
  ['JSON field', 'Secr3tPass1', '{"user":"a","clientSecret":"$"}'],
  ['JSON field with an escaped quote', 'Secr3t', '{"password":"a\\"$"}'],
  ['form', random(24), 'grant_type=refresh_token&refresh_token=$&scope=x'],
  ['option of a command', 'Secr3tPass1', 'docker login --username u --password $ r.io'],
  ['SQL', 'Secr3tPass1', "CREATE USER a WITH PASSWORD '$'"],
  ['SQL of MySQL', 'Secr3tPass1', "ALTER USER 'a' IDENTIFIED BY '$'"],
];

/** Headers. */
const HEADERS: readonly SecretCase[] = [
  ['Cookie', p('sessionid_', random(32)), 'Cookie: sid=$; theme=dark'],
  ['Set-Cookie', random(40), 'Set-Cookie: session=$; HttpOnly'],
  ['second cookie', random(40), 'Cookie: theme=dark; connect.sid=s%3A$'],
  [
    'cookie behind a date',
    random(40),
    'Set-Cookie: a=b; Expires=Wed, 21 Oct 2026 07:28:00 GMT; Path=/, sid=$; HttpOnly',
  ],
  ['cookie behind a quoted one', random(40), 'Cookie: a="b c"; sid=$'],
  ['cookie in curl', random(40), "curl -H 'Cookie: a=b; sid=$' https://example.com"],
  ['cookies in JSON', random(40), '{"headers":{"cookie":"a=b; sid=$"}}'],
  ['Bearer', random(40), 'Authorization: Bearer $'],
  ['Basic', Buffer.from(`user:${random(12)}`).toString('base64'), 'Authorization: Basic $'],
  ['Token', hex(40), 'Authorization: Token $'],
  ['Token with a name', hex(40), 'Authorization: Token token="$"'],
  [
    'AWS4',
    hex(64),
    'Authorization: AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20261129/eu/s3/aws4_request, SignedHeaders=host, Signature=$',
  ],
  ['Digest', hex(32), 'Authorization: Digest username="u", realm="a b", nonce="x", response="$"'],
  ['Negotiate', randomBase64(60), 'Authorization: Negotiate $'],
  ['NTLM', randomBase64(60), 'Authorization: NTLM $'],
  ['SharedKey', randomBase64(32), 'Authorization: SharedKey account:$'],
  ['OAuth 1', random(28), 'Authorization: OAuth oauth_consumer_key="a", oauth_signature="$"'],
  ['Hawk', randomBase64(32), 'Authorization: Hawk id="a", ts="1", nonce="n", mac="$"'],
  ['a scheme of its own', random(32), 'Authorization: Klaviyo-API-Key $'],
  ['no scheme', random(32), 'Authorization: $'],
  ['Proxy-Authorization', random(30), 'Proxy-Authorization: Bearer $'],
  ['authorization in JSON', random(40), '{"headers":{"authorization":"Bearer $"}}'],
  [
    'authorization in escaped JSON',
    hex(32),
    '{\\"authorization\\":\\"Digest username=\\\\\\"u\\\\\\", response=\\\\\\"$\\\\\\"\\"}',
  ],
  [
    'authorization in source code',
    random(32),
    "fetch(url, { headers: { Authorization: 'Bearer $' } })",
  ],
  ['authorization in curl', hex(40), 'curl -H "Authorization: Token $" https://example.com'],
];

/** Addresses and commands. */
const ADDRESSES: readonly SecretCase[] = [
  [
    'AWS signature',
    hex(64),
    'https://b.s3.amazonaws.com/k?X-Amz-Credential=AKIDEXAMPLE%2F20261129&X-Amz-Signature=$',
  ],
  ['Google signature', hex(64), 'https://storage.googleapis.com/b/o?X-Goog-Signature=$'],
  [
    'Azure shared access signature',
    encodeURIComponent(randomBase64(32)),
    'https://acc.blob.core.windows.net/c/b?sv=2024-11-04&ss=b&srt=sco&sp=r&sig=$',
  ],
  ['OAuth code', random(40), 'https://app/cb?code=$&state=x'],
  ['link with a token', random(48), 'https://app.example.com/reset?token=$'],
  ['access token in a fragment', random(40), 'https://app/cb#access_token=$'],
  [
    'Slack webhook',
    random(24),
    p('https://hooks.sl', 'ack.com/services/T', upper(8), '/B', upper(8), '/$'),
  ],
  ['Discord webhook', random(68), p('https://disc', 'ord.com/api/webhooks/123456789012345678/$')],
  [
    'Teams webhook',
    hex(32),
    p('https://acme.web', 'hook.office.com/webhookb2/', 'abc/IncomingWebhook/$'),
  ],
  ['Postgres', 's3cr3tPassw0rd', 'postgres://app:$@db.example.com:5432/app'],
  ['Postgres, a password with @ and /', 'p@ss/w0rd!x', 'postgres://app:$@db.example.com:5432/app'],
  ['MongoDB', 'Xk29fjQQ', 'mongodb+srv://u:$@c.mongodb.net/db'],
  ['Redis without a user', 'hunter2hunter2', 'redis://:$@cache:6379'],
  ['a digit first', '5432pass', 'amqp://u:$@mq/vhost'],
  ['https', 'hunter2hunter2', 'https://u:$@git.example.com/a/b?to=c@d.e'],
  ['slashes escaped', 'hunter2hunter2', '{"url":"https:\\/\\/u:$@git.example.com"}'],
  ['JDBC of Oracle', 'tiger99', 'jdbc:oracle:thin:scott/$@//db:1521/x'],
  ['curl -u', 'Secr3tPass1', 'curl -u admin:$ https://x'],
  ['curl --user', 'Secr3tPass1', 'curl -s --user "admin:$" https://x'],
  ['mysql -p', 'Secr3tPass1', 'mysql -uroot -p$ db'],
  ['sshpass', 'Secr3tPass1', "sshpass -p '$' ssh x"],
];

/** Keys in armour. */
const ARMOUR: readonly SecretCase[] = [
  ['PEM', randomBase64(300), pem(RSA, '$')],
  [
    'PEM with header lines',
    randomBase64(300),
    pem(RSA, 'Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,AB12\n\n$'),
  ],
  [
    'PEM, the end cut off',
    randomBase64(300),
    `-----BEGIN ${RSA}-----\nProc-Type: 4,ENCRYPTED\n\n$`,
  ],
  ['PEM, the beginning cut off', randomBase64(300), `$\n-----END ${RSA}-----\nmore text`],
  ['PEM in one line', randomBase64(300), pem(RSA, '$').replaceAll('\n', ' ')],
  [
    'two PEM, the first cut off',
    randomBase64(300),
    `-----BEGIN ${RSA}-----\n$\n${pem(RSA, randomBase64(90))}`,
  ],
  ['OpenSSH', randomBase64(300), pem(p('OPENSSH PRIV', 'ATE KEY'), '$')],
  ['PGP', randomBase64(300), pem(p('PGP PRIV', 'ATE KEY BLOCK'), '\n$\n=AbCd')],
  [
    'PGP with a dash in a header',
    randomBase64(300),
    pem(p('PGP PRIV', 'ATE KEY BLOCK'), 'Comment: a - b\n\n$'),
  ],
  ['PuTTY', randomBase64(200), 'PuTTY-User-Key-File-3: ssh-rsa\nPrivate-Lines: 14\n$'],
  [
    'service account',
    randomBase64(200),
    p(
      '{"type":"service_account","private_key":"-----BEGIN PRIV',
      'ATE KEY-----\\n$\\n-----END PRIV',
      'ATE KEY-----\\n"}',
    ),
  ],
  [
    'PEM in a variable',
    randomBase64(200),
    p('PEM="-----BEGIN EC PRIV', 'ATE KEY-----\\n$\\n-----END EC PRIV', 'ATE KEY-----"'),
  ],
];

/** What `maskPersonal` takes out by default. */
const PAYMENT: readonly SecretCase[] = [
  ['Visa', withCheckDigit('453201511283036')],
  ['Visa with spaces', '4111 1111 1111 1111'],
  ['American Express', withCheckDigit('37828224631000')],
  ['American Express with spaces', '3782 822463 10005'],
  ['Mastercard of the 2-series', withCheckDigit('222300004841001')],
  ['card with dots', '4111.1111.1111.1111'],
  ['card with dashes', '5555-5555-5555-4444'],
  ['card as a JSON number', '4111111111111111', '{"card":$}'],
  ['card after its name', '4111111111111111', 'card number: $'],
  ['IBAN of Germany', 'DE89370400440532013000'],
  ['IBAN with spaces', 'GB29 NWBK 6016 1331 9268 19'],
  ['IBAN of Norway, the shortest', 'NO9386011117947'],
  ['IBAN of the Netherlands', 'NL91ABNA0417164300'],
  ['IBAN of Malta with spaces', 'MT84 MALT 0110 0001 2345 MTLC AST0 01S'],
];

export const SECRET_CASES: readonly SecretCase[] = [
  ...KEY_CASES,
  ...NAMED,
  ...HEADERS,
  ...ADDRESSES,
  ...ARMOUR,
  ...PAYMENT,
];

/** Secrets that nothing distinguishes from other texts. */
export const UNKNOWABLE_CASES: readonly SecretCase[] = [
  ['AWS secret without a name', randomBase64(30)],
  ['Mistral, 32 letters and digits without a name', random(32)],
  [
    'recovery phrase',
    'abandon ability able about above absent absorb abstract absurd abuse access accident',
  ],
];

/** The text of a case. */
export const textOf = ([, secret, around = 'use $ please']: SecretCase): string =>
  around.replace('$', () => secret);

/** A part of the secret that must not be left: of a long one, its middle. */
export const coreOf = (secret: string): string =>
  secret.length > 60 ? secret.slice(20, 50) : secret;
