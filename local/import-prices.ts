/**
 * Makes a migration of the list prices out of genai-prices (MIT, © Pydantic Services Inc.), a price
 * list that its maintainers check against the providers' pages:
 *
 *     npm install --no-save @pydantic/genai-prices
 *     npm view @pydantic/genai-prices time          # the date of the version
 *     node local/import-prices.ts node_modules/@pydantic/genai-prices 2026-09-23 > migrations/<now>_price_list.sql
 *
 * Prices that are known already stay as they are when the migration runs; see agensight_private.add_prices().
 */
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

/** Whose prices are taken: those who sell by the token and whose models programs name. */
const PROVIDERS = [
  ...['anthropic', 'openai', 'google', 'azure', 'aws', 'mistral', 'deepseek', 'x-ai', 'groq'],
  ...['cohere', 'perplexity', 'cerebras', 'moonshotai', 'voyageai'],
];

/**
 * Models that are paid by other units as well: a price by the token alone would be a wrong bill. They
 * have rows without figures, so that no wider pattern prices them.
 */
const OTHER_UNITS = /tts|audio|transcri|realtime|image|whisper|sonic|speech|live|moderation|search/;

type Amount = number | { base: number; tiers: { start: number; price: number }[] };
type Constraint =
  | { type: 'start_date'; start_date: string }
  | { type: 'time_of_date'; start_time: string; end_time: string };
type Match = { [operator: string]: unknown };

interface ModelPrices {
  input_mtok?: Amount;
  cache_read_mtok?: Amount;
  cache_write_mtok?: Amount;
  output_mtok?: Amount;
}

interface ListedModel {
  id: string;
  match: Match;
  prices: ModelPrices | { constraint?: Constraint; prices: ModelPrices }[];
}

interface Library {
  findProvider(options: { providerId: string }): { models: ListedModel[] } | undefined;
}

/** One row of `prices`, with the figures as exact decimals. */
type PriceRow = Record<string, string | string[] | number>;

const [folder, date] = process.argv.slice(2);
if (folder === undefined || !/^\d{4}-\d\d-\d\d$/.test(date ?? '')) {
  console.error('Usage: node local/import-prices.ts FOLDER_OF_GENAI_PRICES YYYY-MM-DD');
  process.exit(1);
}
const { version } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
const library: Library = await import(pathToFileURL(resolve(folder, 'dist/index.js')).href);
const rows = PROVIDERS.flatMap((provider) => {
  const models = library.findProvider({ providerId: provider })?.models ?? [];
  if (models.length === 0) throw new Error(`The list has no models of ${provider}.`);
  return models.flatMap((model) => rowsOf(provider, model));
});
console.log(`-- List prices as of ${date}: the facts of genai-prices ${version} (MIT, © Pydantic Services Inc.,
-- github.com/pydantic/genai-prices). Made by local/import-prices.ts; not to be edited by hand.
select agensight_private.add_prices((
  select jsonb_agg(row || '{"source": "genai-prices ${version}", "source_date": "${date}"}')
  from jsonb_array_elements($prices$[
${rows.map((row) => JSON.stringify(row)).join(',\n')}
]$prices$) row));`);

function rowsOf(provider: string, { id, match, prices }: ListedModel): PriceRow[] {
  const model_patterns = [...new Set(patternsOf(match))];
  if (OTHER_UNITS.test(id)) return [{ provider, model_patterns }];
  const conditional = Array.isArray(prices) ? prices : [{ prices }];
  const starts = conditional.flatMap(({ constraint }) =>
    constraint?.type === 'start_date' ? [constraint.start_date] : [],
  );
  return conditional.flatMap((each, place) => {
    const { constraint } = each;
    // A price by the hour belongs to the latest price by date before it in the list.
    const dated = conditional
      .slice(0, place + 1)
      .flatMap((other) => (other.constraint?.type === 'start_date' ? [other.constraint] : []));
    const valid_from = dated.at(-1)?.start_date;
    const valid_until = starts[dated.length];
    const when = {
      ...(valid_from === undefined ? {} : { valid_from: `${valid_from}T00:00:00Z` }),
      ...(valid_until === undefined ? {} : { valid_until: `${valid_until}T00:00:00Z` }),
      ...(constraint?.type === 'time_of_date'
        ? {
            daily_from: constraint.start_time.replace('Z', ''),
            daily_until: constraint.end_time.replace('Z', ''),
          }
        : {}),
    };
    return tiersOf(each.prices).flatMap((above) => {
      const figures = figuresAt(each.prices, above);
      if (figures.input_price === undefined) return [{ provider, model_patterns }];
      const tier = above === 0 ? {} : { above_prompt_tokens: above };
      return [{ provider, model_patterns, ...tier, ...when, ...figures }];
    });
  });
}

function tiersOf({ input_mtok, cache_read_mtok, cache_write_mtok, output_mtok }: ModelPrices) {
  const starts = [input_mtok, cache_read_mtok, cache_write_mtok, output_mtok].flatMap((amount) =>
    typeof amount === 'object' ? amount.tiers.map(({ start }) => start) : [],
  );
  return [...new Set([0, ...starts])].sort((a, b) => a - b);
}

function figuresAt(prices: ModelPrices, above: number): Record<string, string> {
  const figures = {
    input_price: prices.input_mtok,
    cached_price: prices.cache_read_mtok,
    cache_write_price: prices.cache_write_mtok,
    // Embeddings answer with no tokens.
    output_price: prices.output_mtok ?? 0,
  };
  return Object.fromEntries(
    Object.entries(figures).flatMap(([name, amount]) =>
      amount === undefined ? [] : [[name, perToken(amountAt(amount, above))]],
    ),
  );
}

function amountAt(amount: Amount, above: number): number {
  if (typeof amount === 'number') return amount;
  return amount.tiers.findLast(({ start }) => start <= above)?.price ?? amount.base;
}

/** A millionth, exactly: the decimal point is moved, nothing is divided. */
function perToken(perMillion: number): string {
  const [whole = '0', fraction = ''] = String(perMillion).split('.');
  if (!/^\d+$/.test(whole + fraction)) throw new Error(`${perMillion} is no plain decimal.`);
  const digits = whole.padStart(7, '0') + fraction;
  const point = digits.length - fraction.length - 6;
  const text = `${digits.slice(0, point)}.${digits.slice(point)}`.replace(/\.?0+$/, '');
  return text.replace(/^0+(?=\d)/, '');
}

/** LIKE patterns for what the list says with operators; its few regular expressions only stand for dates. */
function patternsOf(match: Match): string[] {
  const [[operator, value] = ['', '']] = Object.entries(match);
  if (operator === 'or') return (value as Match[]).flatMap(patternsOf);
  // "This, but not a variant of it": the variant has a pattern of its own, which is longer and wins.
  if (operator === 'and') return patternsOf((value as Match[])[0] as Match);
  const text = String(value).toLowerCase();
  const literal = text.replaceAll('\\', '\\\\').replaceAll('%', '\\%').replaceAll('_', '\\_');
  switch (operator) {
    case 'equals':
      return [literal];
    case 'starts_with':
      return [`${literal}%`];
    case 'ends_with':
      return [`%${literal}`];
    case 'contains':
      return [`%${literal}%`];
    case 'regex':
      return [patternOfDates(text)];
    default:
      throw new Error(`The list matches by "${operator}", which is not known here.`);
  }
}

function patternOfDates(regex: string): string {
  const pattern = regex
    .replace(/^\^/, '')
    .replace(/\\d\{(\d)\}/g, (_, digits) => '_'.repeat(Number(digits)))
    .replace(/\\d$/, '_%')
    .replace(/\$$/, '')
    .replaceAll('\\.', '.');
  if (/[\\^$()[\]{}|+*?]/.test(pattern)) throw new Error(`${regex} is no LIKE pattern.`);
  return pattern;
}
