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

/** Keys and tokens. The form of a loose rule is its prefix; at least 16 characters follow. */
export const KEY_RULES: readonly KeyRule[] = [
  { name: 'Agensight token', form: 'ag[np]_\\w{32,}', source: 'docs/access.md' },
  // Model providers and the tools around them.
  {
    name: 'OpenAI, Anthropic, DeepSeek, OpenRouter and others with sk-',
    form: 'sk-',
    isLoose: true,
    source: GITLEAKS,
  },
  { name: 'xAI', form: 'xai-', isLoose: true, source: TRUFFLEHOG },
  { name: 'Perplexity', form: 'pplx-', isLoose: true, source: GITLEAKS },
  { name: 'Groq', form: 'gsk_', isLoose: true, source: TRUFFLEHOG },
  { name: 'Hugging Face', form: '(?:hf|api_org)_[A-Za-z]{34}(?!\\w)', source: GITLEAKS },
  { name: 'Hugging Face, other lengths', form: 'hf_', isLoose: true, source: TRUFFLEHOG },
  { name: 'Replicate', form: 'r8_', isLoose: true, source: TRUFFLEHOG },
  { name: 'Cerebras', form: 'csk-', isLoose: true, source: GITHUB_LIST },
  { name: 'Fireworks', form: 'fw_', isLoose: true, source: GITHUB_LIST },
  { name: 'Voyage', form: 'pa-', isLoose: true, source: GITHUB_LIST },
  { name: 'Pinecone', form: 'pcsk_', isLoose: true, source: GITHUB_LIST },
  { name: 'Tavily', form: 'tvly-', isLoose: true, source: GITHUB_LIST },
  { name: 'NVIDIA', form: 'nvapi-', isLoose: true, source: GITHUB_LIST },
  {
    name: 'LangSmith',
    form: 'lsv2_[a-z]{1,8}_',
    isLoose: true,
    source: 'https://docs.langchain.com/langsmith/create-account-api-key',
  },
  {
    name: 'Jina, Braintrust, Helicone',
    form: '(?:jina|bt-st|sk-helicone)[_-]',
    isLoose: true,
    source: TRUFFLEHOG,
  },
  { name: 'ElevenLabs', form: 'sk_[0-9a-f]{48}', source: GITHUB_LIST },
  { name: 'Google API key', form: 'AIza[\\w-]{35}', source: GITLEAKS },
  {
    name: 'Google authorization key',
    form: 'AQ\\.[\\w-]{40,}',
    source: 'https://ai.google.dev/gemini-api/docs/api-key',
  },
  { name: 'Databricks', form: 'dapi[0-9a-f]{32}', source: GITLEAKS },
  // Clouds.
  {
    name: 'AWS access key id',
    form: '(?:A(?:KIA|SIA|BIA|CCA))[A-Z2-7]{16}',
    source: 'https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html',
  },
  {
    name: 'AWS Bedrock API key',
    form: '(?:ABSK\\w{14}[\\w+/]{46,}|bedrock-api-key-\\w{4}[\\w+/]{36,})',
    source: GITLEAKS,
  },
  { name: 'AWS session token', form: 'IQoJb3JpZ2lu\\w{6}[\\w+/]{34,}={0,2}', source: TRUFFLEHOG },
  { name: 'Azure client secret', form: '[\\w.~-]{3}\\dQ~[\\w.~-]{31,34}', source: AZURE },
  { name: 'Azure annotated key', form: '[A-Za-z0-9]{20,60}JQQJ9[A-Za-z0-9]{20,64}', source: AZURE },
  { name: 'Google OAuth client secret', form: 'GOCSPX-[\\w-]{20,}', source: GITHUB_LIST },
  {
    name: 'Google OAuth token',
    form: '(?:ya29\\.(?:[a-z]\\.)?[\\w-]{18}[\\w.-]*|1//0[\\w-]{40,})',
    source: TRUFFLEHOG,
  },
  { name: 'Alibaba Cloud', form: 'LTAI[A-Za-z0-9]{20}', source: GITLEAKS },
  { name: 'DigitalOcean', form: 'do[opr]_v1_[0-9a-f]{64}', source: GITLEAKS },
  { name: 'Heroku', form: 'HRKU-[\\w-]{36,}', source: GITLEAKS },
  { name: 'Fly.io', form: '(?:fo1_[\\w-]{43}|fm[12][ar]?_\\w{14}[\\w+/]{46,})', source: GITLEAKS },
  { name: 'Cloudflare origin CA', form: 'v1\\.0-[0-9a-f]{24}-[0-9a-f]{100,}', source: GITLEAKS },
  { name: 'Cloudflare API token', form: 'cf(?:ut|at|k)_', isLoose: true, source: GITHUB_LIST },
  { name: 'Vercel', form: 'vc[pikar]_', isLoose: true, source: GITHUB_LIST },
  { name: 'Netlify', form: 'nf[pcoub]_', isLoose: true, source: GITHUB_LIST },
  { name: 'Render', form: 'rnd_', isLoose: true, source: GITHUB_LIST },
  { name: 'OpenShift', form: 'sha256~[\\w-]{43}', source: GITLEAKS },
  // Code, packages and infrastructure.
  {
    name: 'GitHub',
    form: '(?:gh[oprsu]_[A-Za-z0-9]{36,}|github_pat_\\w{60,}|ghs_\\d+_eyJ[\\w-]{14}[\\w.-]*)',
    source: 'https://github.blog/engineering/behind-githubs-new-authentication-token-formats/',
  },
  {
    name: 'GitHub, other lengths',
    form: '(?:gh[oprsu]|github_pat)_',
    isLoose: true,
    source: GITHUB_LIST,
  },
  {
    name: 'GitLab',
    form: '(?:gl(?:pat|rt|dt|cbt|ptt|ft|soat|ffct|agent|oas|imt)-[\\w-]{20,300}(?:\\.[0-9a-z]{2}\\.?[0-9A-Za-z]{7,9})?|GR1348941[\\w-]{20})',
    source: GITLAB,
  },
  { name: 'Bitbucket', form: 'ATBB[\\w-]{14}[\\w=-]{10,}', source: GITHUB_LIST },
  { name: 'Atlassian', form: 'AT(?:ATT3|CTT3|OTT3)[\\w-]{14}[\\w=-]{46,}', source: GITLEAKS },
  { name: 'npm', form: 'npm_[A-Za-z0-9]{36}', source: GITLEAKS },
  { name: 'PyPI', form: 'pypi-AgE[\\w-]{40,}', source: GITLEAKS },
  { name: 'RubyGems', form: 'rubygems_[0-9a-f]{48}', source: GITLEAKS },
  { name: 'crates.io', form: 'cio[A-Za-z0-9]{32}(?!\\w)', source: GITHUB_LIST },
  { name: 'Clojars', form: 'CLOJARS_[0-9a-f]{60}', source: GITLEAKS },
  { name: 'NuGet', form: 'oy2[a-z0-9]{43}(?!\\w)', source: GITHUB_LIST },
  { name: 'Docker', form: 'dckr_(?:pat|oat)_[\\w-]{20,}', source: GITHUB_LIST },
  { name: 'JFrog', form: '(?:AKCp[A-Za-z0-9]{69}|cmVmd[A-Za-z0-9]{59})', source: GITLEAKS },
  { name: 'HashiCorp Vault', form: 'hv[sbr]\\.[\\w-]{24,}', source: GITLEAKS },
  {
    name: 'Terraform Cloud',
    form: '[A-Za-z0-9]{14}\\.atlasv1\\.[\\w-]{18}[\\w=-]{42,}',
    source: GITLEAKS,
  },
  {
    name: 'Doppler',
    form: 'dp\\.(?:pt|st|ct|sa|scim|audit)\\.(?:[\\w-]{1,40}\\.)?[A-Za-z0-9]{40,}',
    source: GITLEAKS,
  },
  { name: 'Pulumi', form: 'pul-[0-9a-f]{40}', source: GITLEAKS },
  { name: 'Octopus Deploy', form: 'API-[A-Z0-9]{26,}(?!\\w)', source: GITLEAKS },
  {
    name: 'Harness',
    form: '[ps]at\\.[\\w-]{22}\\.[A-Za-z0-9]{24}\\.[A-Za-z0-9]{20}',
    source: GITLEAKS,
  },
  { name: 'Prefect', form: 'pnu_[A-Za-z0-9]{36}', source: GITLEAKS },
  { name: 'PlanetScale', form: 'pscale_(?:tkn|oauth|pw|app)_', isLoose: true, source: GITLEAKS },
  { name: 'Postman', form: 'PMAK-[0-9a-f]{24}-[0-9a-f]{34}', source: GITLEAKS },
  { name: 'Sourcegraph', form: 'sgp_(?:[0-9a-f]{16}_|local_)?[0-9a-f]{40}', source: GITLEAKS },
  {
    name: '1Password',
    form: '(?:ops_eyJ[\\w-]{14}[\\w+/=-]{46,}|A3-[A-Z0-9]{6}-(?:[A-Z0-9]{5,6}-){4,5}[A-Z0-9]{5})',
    source: GITLEAKS,
  },
  { name: 'age', form: 'AGE-SECRET-KEY-1[02-9AC-HJ-NP-Z]{58}', source: GITLEAKS },
  // Data and operations.
  { name: 'Supabase', form: '(?:sbp_[0-9a-f]{40}|sb_secret_[\\w-]{20,})', source: SUPABASE },
  { name: 'Supabase, other lengths', form: 'sb(?:p|_secret)_', isLoose: true, source: SUPABASE },
  { name: 'Sentry', form: 'sntr(?:ys_eyJ\\w{14}[\\w+/=]{26,}|yu_[0-9a-f]{64})', source: GITLEAKS },
  { name: 'Sentry, other lengths', form: 'sntry[su]_', isLoose: true, source: GITLEAKS },
  { name: 'New Relic', form: 'NR(?:AK|JS|RA)-[A-Za-z0-9]{19,}', source: TRUFFLEHOG },
  {
    name: 'Grafana',
    form: 'gl(?:sa_[A-Za-z0-9]{32}_[0-9A-Fa-f]{8}|c_\\w{16}[\\w+/]{16,})',
    source: GITLEAKS,
  },
  { name: 'Dynatrace', form: 'dt0[a-z]\\d\\d\\.[A-Z0-9]{24}\\.[A-Z0-9]{64}', source: GITLEAKS },
  { name: 'PostHog personal key', form: 'ph[xs]_', isLoose: true, source: GITHUB_LIST },
  { name: 'Airtable', form: 'pat[A-Za-z0-9]{14}\\.[0-9a-f]{64}', source: GITLEAKS },
  {
    name: 'Notion',
    form: '(?:ntn_[A-Za-z0-9]{40,}|secret_[A-Za-z0-9]{43}(?!\\w))',
    source: GITLEAKS,
  },
  { name: 'Figma', form: 'fig[dur]_?[dour]?_[\\w-]{36,}', source: GITHUB_LIST },
  { name: 'Linear', form: 'lin_(?:api|oauth)_', isLoose: true, source: GITLEAKS },
  { name: 'Readme', form: 'rdme_[a-z0-9]{70}', source: GITLEAKS },
  { name: 'Contentful', form: 'CFPAT-[\\w-]{43}', source: GITHUB_LIST },
  // Payment, messages and shops.
  { name: 'Stripe', form: '[rs]k_(?:live|test|prod)_', isLoose: true, source: STRIPE },
  { name: 'Stripe webhook secret', form: 'whsec_', isLoose: true, source: STRIPE },
  { name: 'Square', form: '(?:EAAA[\\w-]{56,}|sq0(?:atp|csp|idp)-[\\w-]{22,})', source: GITLEAKS },
  { name: 'Meta', form: 'EAA[A-Za-z0-9]{100,}', source: GITLEAKS },
  { name: 'Shopify', form: 'shp(?:at|ss|ca|pa)_[0-9A-Fa-f]{32}', source: GITLEAKS },
  { name: 'EasyPost', form: 'EZ[AT]K[A-Za-z0-9]{54}', source: GITLEAKS },
  { name: 'Shippo', form: 'shippo_(?:live|test)_[0-9a-f]{40}', source: GITLEAKS },
  { name: 'Duffel', form: 'duffel_(?:test|live)_[\\w-]{14}[\\w=-]{29}', source: GITLEAKS },
  {
    name: 'Slack, with numbers of workspace and user',
    form: 'xox[abceoprsd](?:-\\d{8,14}){1,3}-[A-Za-z0-9]{18,}',
    source: SLACK,
  },
  { name: 'Slack', form: '(?:xapp|xox[abceoprsd]|xoxe\\.xox[bp])-', isLoose: true, source: SLACK },
  { name: 'SendGrid', form: 'SG\\.[\\w-]{18,32}\\.[\\w-]{16,64}', source: GITLEAKS },
  { name: 'Mailgun', form: 'key-[0-9a-f]{32}', source: TRUFFLEHOG },
  { name: 'Brevo', form: 'xkeysib-[0-9a-f]{64}-[A-Za-z0-9]{16}', source: GITLEAKS },
  { name: 'Mailchimp', form: '[0-9a-f]{32}-us\\d{1,2}(?!\\w)', source: TRUFFLEHOG },
  { name: 'Twilio API key', form: 'SK[0-9a-f]{32}(?!\\w)', source: GITLEAKS },
  { name: 'Telegram bot', form: '\\d{8,10}:AA[\\w-]{33}', source: TRUFFLEHOG },
  {
    name: 'Discord bot',
    form: '[MNO][A-Za-z\\d]{23,27}\\.[\\w-]{6}\\.[\\w-]{27,45}',
    source: TRUFFLEHOG,
  },
  { name: 'Resend', form: 're_', isLoose: true, source: GITHUB_LIST },
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
