/** `docs/masking.md`: what is recognised, from the table of rules. */
import {
  DEFAULT_PERSONAL,
  PERSONAL_KINDS,
  type PersonalKind,
} from '../../wire/redaction/personal.ts';
import { KEY_RULES, PLACE_RULES } from '../../wire/redaction/rules.ts';

const PERSONAL: Record<PersonalKind, { readonly what: string; readonly source: string }> = {
  card: {
    what: 'payment cards: issuer, length and check digit (Luhn), in one piece or grouped as on the card; not behind words such as `order` or `invoice`, and not in ids; as a JSON number only in a field named for a card',
    source: 'https://www.iso.org/standard/70484.html',
  },
  iban: {
    what: 'international bank account numbers: country, its length and check digits, in one piece or in groups of four',
    source: 'https://www.swift.com/standards/data-standards/iban-international-bank-account-number',
  },
  email: { what: 'e-mail addresses', source: 'https://www.rfc-editor.org/rfc/rfc5321' },
  phone: {
    what: 'phone numbers in the international form, or with separators',
    source: 'https://www.itu.int/rec/T-REC-E.123',
  },
  ssn: {
    what: 'social security numbers of the United States, with dashes',
    source: 'https://www.ssa.gov/employer/randomization.html',
  },
};

const TEXT = `Generated from \`wire/redaction/rules.ts\` by \`npm run types\`.

The SDK masks before it sends or stores a record (\`maskSecrets\`, \`maskPersonal\`). The ingest function masks again by the
same table, for every client: OpenTelemetry, the Python SDK, and your own. Each value is replaced by a mark that names its
kind, such as \`[redacted: api key]\`; all other bytes stay unchanged.`;

const SERVER = `## The setting of a project

The columns \`mask_secrets\` (default \`true\`) and \`mask_personal\` (default \`{card,iban}\`) of \`projects\` say what the ingest
function masks. Owners and admins set them; a change takes effect within a minute, and applies to what arrives after it:

\`\`\`sql
select agensight.set_masking('<project>', secrets => true, personal => '{card,iban,email,phone}');
\`\`\`

With \`mask_secrets\` off, records are stored as they arrive. The setting applies to the SDK's records, too: to store secrets,
turn off \`maskSecrets\` in \`init\` and \`mask_secrets\` of the project. The function never changes ids, not even those of
sessions and users; the SDK replaces a session or user id that holds a secret by a derived id, always the same one.
Batches in the overflow are masked before they are written to S3.`;

const LIMITS = `## What is not recognised

- A key without a known form and without a name, such as 32 letters and digits alone: nothing distinguishes it from an id.
- The words of a recovery phrase.
- Two arguments such as \`login('kim', 'hunter2')\`. Use \`mask\` or \`captureContent: false\` for such functions.
- A key that ends before its form is complete, such as the first ten characters of one.

These are no secrets: placeholders (\`<your-key>\`, \`$API_KEY\`, \`YOUR_API_KEY\`), expressions of source code
(\`process.env.API_KEY\`), \`true\`, \`false\`, \`null\`, empty values, and the JSON Schema of a parameter. Behind a short prefix, what
follows must look random: \`hf_hub_download_v2\` is a name. A value named \`token\` or \`auth\` must look random, too, and must not be
a UUID.`;

/** The document: a table for each kind of rule. */
export function maskingDocs(): string {
  const row = (columns: readonly string[]): string => `| ${columns.join(' | ')} |`;
  const link = (source: string): string =>
    source.startsWith('https://') ? `<${source}>` : `[${source}](${source.replace('docs/', '')})`;
  const code = (text: string): string => `\`${text.replaceAll('|', '\\|')}\``;
  return `${[
    '# Masking',
    '',
    TEXT,
    '',
    SERVER,
    '',
    '## Secrets by their place',
    '',
    row(['mark', 'what', 'source']),
    row(['---', '---', '---']),
    ...PLACE_RULES.map(({ name, place, source }) => row([name, place, link(source)])),
    '',
    '## Keys by their form',
    '',
    'The mark is `api key`. A form with a star is a prefix; 16 or more characters follow it that look random.',
    '',
    row(['key', 'form', 'source']),
    row(['---', '---', '---']),
    ...KEY_RULES.map(({ name, form, isLoose, source }) =>
      row([name, code(form) + (isLoose ? ' *' : ''), link(source)]),
    ),
    '',
    '## Personal data',
    '',
    'Kinds of `maskPersonal` and `mask_personal`.',
    '',
    row(['kind', 'what', 'by default', 'source']),
    row(['---', '---', '---', '---']),
    ...PERSONAL_KINDS.map((kind) =>
      row([
        `\`${kind}\``,
        PERSONAL[kind].what,
        DEFAULT_PERSONAL.includes(kind) ? 'yes' : 'no',
        link(PERSONAL[kind].source),
      ]),
    ),
    '',
    LIMITS,
  ].join('\n')}\n`;
}
