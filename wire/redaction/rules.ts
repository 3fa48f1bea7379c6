/**
 * What is recognised as a secret, with the source of each form: the one table of the SDK and the
 * functions. `docs/masking.md` is generated from it, and the build compiles the rows of keys into two
 * patterns (`key-patterns.ts`), so that no bundle carries the names and sources.
 */

/** A form of key, recognised by itself. */
export interface KeyRule {
  readonly name: string;
  /**
   * The form as the source of a regular expression without captures. Its repetitions are bounded or end
   * the form, so that it is matched in linear time. It begins at the edge of a word.
   */
  readonly form: string;
  /**
   * Whether the form may also be an identifier, such as `hf_hub_download`: then what follows the
   * prefix must look random.
   */
  readonly isLoose?: true;
  /** Where the form is documented. */
  readonly source: string;
}

/** A form that is recognised by what surrounds the secret. */
export interface PlaceRule {
  readonly name: string;
  /** The place, as the documentation states it. */
  readonly place: string;
  readonly source: string;
}

const GITLEAKS = 'https://github.com/gitleaks/gitleaks/blob/master/config/gitleaks.toml';
const TRUFFLEHOG = 'https://github.com/trufflesecurity/trufflehog/tree/main/pkg/detectors';
const GITHUB_LIST =
  'https://docs.github.com/en/code-security/secret-scanning/introduction/supported-secret-scanning-patterns';
const GITLAB = 'https://docs.gitlab.com/security/tokens/#token-prefixes';
const SLACK = 'https://docs.slack.dev/authentication/tokens';
const STRIPE = 'https://docs.stripe.com/keys';
const SUPABASE = 'https://supabase.com/docs/guides/api/api-keys';
const AZURE = 'https://learn.microsoft.com/en-us/purview/sit-defn-client-secret-api-key';

const strict = (name: string, form: string, source: string): KeyRule => ({ name, form, source });
const loose = (name: string, prefix: string, source: string): KeyRule => ({
  name,
  form: prefix,
  isLoose: true,
  source,
});

/** Keys and tokens. The form of a loose rule is its prefix; at least 16 characters follow. */
export const KEY_RULES: readonly KeyRule[] = [
  strict('Agensight token', 'agn_\\w{32,}', 'docs/access.md'),
  // Model providers and the tools around them.
  loose('OpenAI, Anthropic, DeepSeek, OpenRouter and others with sk-', 'sk-', GITLEAKS),
  loose('xAI', 'xai-', TRUFFLEHOG),
  loose('Perplexity', 'pplx-', GITLEAKS),
  loose('Groq', 'gsk_', TRUFFLEHOG),
  strict('Hugging Face', '(?:hf|api_org)_[A-Za-z]{34}(?!\\w)', GITLEAKS),
  loose('Hugging Face, other lengths', 'hf_', TRUFFLEHOG),
  loose('Replicate', 'r8_', TRUFFLEHOG),
  loose('Cerebras', 'csk-', GITHUB_LIST),
  loose('Fireworks', 'fw_', GITHUB_LIST),
  loose('Voyage', 'pa-', GITHUB_LIST),
  loose('Pinecone', 'pcsk_', GITHUB_LIST),
  loose('Tavily', 'tvly-', GITHUB_LIST),
  loose('NVIDIA', 'nvapi-', GITHUB_LIST),
  loose(
    'LangSmith',
    'lsv2_[a-z]{1,8}_',
    'https://docs.langchain.com/langsmith/create-account-api-key',
  ),
  loose('Jina, Braintrust, Helicone', '(?:jina|bt-st|sk-helicone)[_-]', TRUFFLEHOG),
  strict('ElevenLabs', 'sk_[0-9a-f]{48}', GITHUB_LIST),
  strict('Google API key', 'AIza[\\w-]{35}', GITLEAKS),
  strict(
    'Google authorization key',
    'AQ\\.[\\w-]{40,}',
    'https://ai.google.dev/gemini-api/docs/api-key',
  ),
  strict('Databricks', 'dapi[0-9a-f]{32}', GITLEAKS),
  // Clouds.
  strict(
    'AWS access key id',
    '(?:A(?:KIA|SIA|BIA|CCA))[A-Z2-7]{16}',
    'https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html',
  ),
  strict(
    'AWS Bedrock API key',
    '(?:ABSK\\w{14}[\\w+/]{46,}|bedrock-api-key-\\w{4}[\\w+/]{36,})',
    GITLEAKS,
  ),
  strict('AWS session token', 'IQoJb3JpZ2lu\\w{6}[\\w+/]{34,}={0,2}', TRUFFLEHOG),
  strict('Azure client secret', '[\\w.~-]{3}\\dQ~[\\w.~-]{31,34}', AZURE),
  strict('Azure annotated key', '[A-Za-z0-9]{20,60}JQQJ9[A-Za-z0-9]{20,64}', AZURE),
  strict('Google OAuth client secret', 'GOCSPX-[\\w-]{20,}', GITHUB_LIST),
  strict(
    'Google OAuth token',
    '(?:ya29\\.(?:[a-z]\\.)?[\\w-]{18}[\\w.-]*|1//0[\\w-]{40,})',
    TRUFFLEHOG,
  ),
  strict('Alibaba Cloud', 'LTAI[A-Za-z0-9]{20}', GITLEAKS),
  strict('DigitalOcean', 'do[opr]_v1_[0-9a-f]{64}', GITLEAKS),
  strict('Heroku', 'HRKU-[\\w-]{36,}', GITLEAKS),
  strict('Fly.io', '(?:fo1_[\\w-]{43}|fm[12][ar]?_\\w{14}[\\w+/]{46,})', GITLEAKS),
  strict('Cloudflare origin CA', 'v1\\.0-[0-9a-f]{24}-[0-9a-f]{100,}', GITLEAKS),
  loose('Cloudflare API token', 'cf(?:ut|at|k)_', GITHUB_LIST),
  loose('Vercel', 'vc[pikar]_', GITHUB_LIST),
  loose('Netlify', 'nf[pcoub]_', GITHUB_LIST),
  loose('Render', 'rnd_', GITHUB_LIST),
  strict('OpenShift', 'sha256~[\\w-]{43}', GITLEAKS),
  // Code, packages and infrastructure.
  strict(
    'GitHub',
    '(?:gh[oprsu]_[A-Za-z0-9]{36,}|github_pat_\\w{60,}|ghs_\\d+_eyJ[\\w-]{14}[\\w.-]*)',
    'https://github.blog/engineering/behind-githubs-new-authentication-token-formats/',
  ),
  loose('GitHub, other lengths', '(?:gh[oprsu]|github_pat)_', GITHUB_LIST),
  strict(
    'GitLab',
    '(?:gl(?:pat|rt|dt|cbt|ptt|ft|soat|ffct|agent|oas|imt)-[\\w-]{20,300}(?:\\.[0-9a-z]{2}\\.?[0-9A-Za-z]{7,9})?|GR1348941[\\w-]{20})',
    GITLAB,
  ),
  strict('Bitbucket', 'ATBB[\\w-]{14}[\\w=-]{10,}', GITHUB_LIST),
  strict('Atlassian', 'AT(?:ATT3|CTT3|OTT3)[\\w-]{14}[\\w=-]{46,}', GITLEAKS),
  strict('npm', 'npm_[A-Za-z0-9]{36}', GITLEAKS),
  strict('PyPI', 'pypi-AgE[\\w-]{40,}', GITLEAKS),
  strict('RubyGems', 'rubygems_[0-9a-f]{48}', GITLEAKS),
  strict('crates.io', 'cio[A-Za-z0-9]{32}(?!\\w)', GITHUB_LIST),
  strict('Clojars', 'CLOJARS_[0-9a-f]{60}', GITLEAKS),
  strict('NuGet', 'oy2[a-z0-9]{43}(?!\\w)', GITHUB_LIST),
  strict('Docker', 'dckr_(?:pat|oat)_[\\w-]{20,}', GITHUB_LIST),
  strict('JFrog', '(?:AKCp[A-Za-z0-9]{69}|cmVmd[A-Za-z0-9]{59})', GITLEAKS),
  strict('HashiCorp Vault', 'hv[sbr]\\.[\\w-]{24,}', GITLEAKS),
  strict('Terraform Cloud', '[A-Za-z0-9]{14}\\.atlasv1\\.[\\w-]{18}[\\w=-]{42,}', GITLEAKS),
  strict(
    'Doppler',
    'dp\\.(?:pt|st|ct|sa|scim|audit)\\.(?:[\\w-]{1,40}\\.)?[A-Za-z0-9]{40,}',
    GITLEAKS,
  ),
  strict('Pulumi', 'pul-[0-9a-f]{40}', GITLEAKS),
  strict('Octopus Deploy', 'API-[A-Z0-9]{26,}(?!\\w)', GITLEAKS),
  strict('Harness', '[ps]at\\.[\\w-]{22}\\.[A-Za-z0-9]{24}\\.[A-Za-z0-9]{20}', GITLEAKS),
  strict('Prefect', 'pnu_[A-Za-z0-9]{36}', GITLEAKS),
  loose('PlanetScale', 'pscale_(?:tkn|oauth|pw|app)_', GITLEAKS),
  strict('Postman', 'PMAK-[0-9a-f]{24}-[0-9a-f]{34}', GITLEAKS),
  strict('Sourcegraph', 'sgp_(?:[0-9a-f]{16}_|local_)?[0-9a-f]{40}', GITLEAKS),
  strict(
    '1Password',
    '(?:ops_eyJ[\\w-]{14}[\\w+/=-]{46,}|A3-[A-Z0-9]{6}-(?:[A-Z0-9]{5,6}-){4,5}[A-Z0-9]{5})',
    GITLEAKS,
  ),
  strict('age', 'AGE-SECRET-KEY-1[02-9AC-HJ-NP-Z]{58}', GITLEAKS),
  // Data and operations.
  strict('Supabase', '(?:sbp_[0-9a-f]{40}|sb_secret_[\\w-]{20,})', SUPABASE),
  loose('Supabase, other lengths', 'sb(?:p|_secret)_', SUPABASE),
  strict('Sentry', 'sntr(?:ys_eyJ\\w{14}[\\w+/=]{26,}|yu_[0-9a-f]{64})', GITLEAKS),
  loose('Sentry, other lengths', 'sntry[su]_', GITLEAKS),
  strict('New Relic', 'NR(?:AK|JS|RA)-[A-Za-z0-9]{19,}', TRUFFLEHOG),
  strict('Grafana', 'gl(?:sa_[A-Za-z0-9]{32}_[0-9A-Fa-f]{8}|c_\\w{16}[\\w+/]{16,})', GITLEAKS),
  strict('Dynatrace', 'dt0[a-z]\\d\\d\\.[A-Z0-9]{24}\\.[A-Z0-9]{64}', GITLEAKS),
  loose('PostHog personal key', 'ph[xs]_', GITHUB_LIST),
  strict('Airtable', 'pat[A-Za-z0-9]{14}\\.[0-9a-f]{64}', GITLEAKS),
  strict('Notion', '(?:ntn_[A-Za-z0-9]{40,}|secret_[A-Za-z0-9]{43}(?!\\w))', GITLEAKS),
  strict('Figma', 'fig[dur]_?[dour]?_[\\w-]{36,}', GITHUB_LIST),
  loose('Linear', 'lin_(?:api|oauth)_', GITLEAKS),
  strict('Readme', 'rdme_[a-z0-9]{70}', GITLEAKS),
  strict('Contentful', 'CFPAT-[\\w-]{43}', GITHUB_LIST),
  // Payment, messages and shops.
  loose('Stripe', '[rs]k_(?:live|test|prod)_', STRIPE),
  loose('Stripe webhook secret', 'whsec_', STRIPE),
  strict('Square', '(?:EAAA[\\w-]{56,}|sq0(?:atp|csp|idp)-[\\w-]{22,})', GITLEAKS),
  strict('Meta', 'EAA[A-Za-z0-9]{100,}', GITLEAKS),
  strict('Shopify', 'shp(?:at|ss|ca|pa)_[0-9A-Fa-f]{32}', GITLEAKS),
  strict('EasyPost', 'EZ[AT]K[A-Za-z0-9]{54}', GITLEAKS),
  strict('Shippo', 'shippo_(?:live|test)_[0-9a-f]{40}', GITLEAKS),
  strict('Duffel', 'duffel_(?:test|live)_[\\w-]{14}[\\w=-]{29}', GITLEAKS),
  loose('Slack', '(?:xapp|xox[abceoprsd]|xoxe\\.xox[bp])-', SLACK),
  strict('SendGrid', 'SG\\.[\\w-]{18,32}\\.[\\w-]{16,64}', GITLEAKS),
  strict('Mailgun', 'key-[0-9a-f]{32}', TRUFFLEHOG),
  strict('Brevo', 'xkeysib-[0-9a-f]{64}-[A-Za-z0-9]{16}', GITLEAKS),
  strict('Mailchimp', '[0-9a-f]{32}-us\\d{1,2}(?!\\w)', TRUFFLEHOG),
  strict('Twilio API key', 'SK[0-9a-f]{32}(?!\\w)', GITLEAKS),
  strict('Telegram bot', '\\d{8,10}:AA[\\w-]{33}', TRUFFLEHOG),
  strict('Discord bot', '[MNO][A-Za-z\\d]{23,27}\\.[\\w-]{6}\\.[\\w-]{27,45}', TRUFFLEHOG),
  loose('Resend', 're_', GITHUB_LIST),
];

/** Places. The files beside this one implement them. */
export const PLACE_RULES: readonly PlaceRule[] = [
  {
    name: 'private key',
    place:
      'PEM, OpenSSH, PGP and PuTTY private keys, with header lines, with escaped line breaks, and if the beginning or the end is cut off',
    source: 'https://www.rfc-editor.org/rfc/rfc7468',
  },
  {
    name: 'jwt',
    place: 'JSON Web Tokens: `eyJ`, a dot and more',
    source: 'https://www.rfc-editor.org/rfc/rfc7519',
  },
  {
    name: 'credentials',
    place:
      '`Authorization` and `Proxy-Authorization` with any scheme (Basic, Bearer, Digest, Negotiate, AWS4-HMAC-SHA256, Token and others), and `Bearer …` and `Basic …` anywhere',
    source: 'https://www.iana.org/assignments/http-authschemes/http-authschemes.xhtml',
  },
  {
    name: 'cookies',
    place: 'all cookies of a `Cookie` or `Set-Cookie` line',
    source: 'https://www.rfc-editor.org/rfc/rfc6265',
  },
  {
    name: 'password',
    place:
      'the password in `scheme://user:password@host`, also with `@` and `/` in it, and in JDBC addresses of Oracle; in `curl -u`, `sshpass -p`, `mysql -p`, `--password …`, .netrc files and SQL',
    source: 'https://www.rfc-editor.org/rfc/rfc3986#section-3.2.1',
  },
  {
    name: 'webhook',
    place: 'webhook addresses of Slack, Discord and Microsoft Teams',
    source: 'https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks',
  },
  {
    name: 'secret',
    place:
      'values with the name of a secret in JSON, source code, headers, query parameters, connection strings and environment files: `password`, `passwd`, `pwd`, `passphrase`, `secret`, `…_key` (api, secret, private, access, account, …), `authorization`, `cookie`, `…_token` (access, refresh, id, auth, …); a random value named `token`, `auth`, `…_TOKEN` or `…_KEY`; signatures (`sig`, `X-Amz-Signature`) and `code` in the query of a URL',
    source: GITLEAKS,
  },
];
