/** Prompts of one call against what was sent: in order, by role, text and call id. */
import type { PromptRecord } from '../../../wire/records.ts';
import type { ExpectedPrompt } from './capture.ts';
import type { PlannedCall } from './plan.ts';
import type { Report } from './report.ts';
import { clean, isBlank, isSameText } from './values.ts';

interface Wanted extends ExpectedPrompt {
  key: string;
  roles: readonly string[];
  must: boolean;
  hasText: boolean;
}

export function checkPrompts(
  report: Report,
  what: string,
  plan: PlannedCall,
  rows: readonly PromptRecord[],
): void {
  const wanted = plan.call.prompts.map((prompt, i) => wantedOf(plan, prompt, i));
  const pairs = align(wanted, rows, plan);
  const paired = new Set(pairs.values());
  for (const want of wanted) {
    const row = pairs.get(want);
    if (!want.must) {
      if (row?.content === 'null') report.extra(`${what} ${want.key}: the word null`, row.content);
      continue;
    }
    const label = `${what} ${want.key}`;
    report.must(`${label} role`, row?.role, want.roles);
    if (want.hasText) report.mustPass(`${label} text`, row?.content, isText(want, row), want.text);
    else
      report.must(`${label} text`, row === undefined ? undefined : row.content || 'none', ['none']);
    const id = want.tool_call_id;
    if (want.role === 'tool' && id && !plan.missing.has(`${want.key}.tool_call_id`)) {
      report.must(`${label} tool_call_id`, row?.tool_call_id, [id]);
    }
  }
  for (const row of rows) {
    if (!paired.has(row))
      report.extra(`${what} prompt ${row.message_index} (${row.role})`, row.content);
  }
}

function wantedOf(plan: PlannedCall, prompt: ExpectedPrompt, i: number): Wanted {
  const key = `prompts[${i}]`;
  const calls = prompt.tool_calls ?? [];
  const hasCalls = calls.some(
    ({ id, arguments: args }, j) =>
      plan.has(`${key}.tool_calls[${j}].id`, id) ||
      plan.has(`${key}.tool_calls[${j}].arguments`, args),
  );
  const hasText = !isBlank(prompt.text) && plan.has(`${key}.text`, prompt.text);
  const must = hasText || (isBlank(prompt.text) && hasCalls);
  return { ...prompt, key, roles: rolesOf(prompt.role, plan.call.api), must, hasText };
}

function rolesOf(role: string, api: string): string[] {
  if (role === 'tool') return api.includes('openai') ? ['tool'] : ['tool', 'user'];
  return role === 'system' ? ['system', 'developer'] : [role];
}

function isText(want: Wanted, row: PromptRecord | undefined): boolean {
  if (row === undefined) return false;
  if (isSameText(want.text ?? null, row.content)) return true;
  // The text of several parts may be joined with other white space.
  const squeezed = (text: string) => clean(text).split(/\s+/).join('');
  return squeezed(want.text ?? '') === squeezed(row.content ?? '');
}

/** Pairs sent messages with rows, both in order, for the best sum of scores. */
function align(
  wanted: readonly Wanted[],
  rows: readonly PromptRecord[],
  plan: PlannedCall,
): Map<Wanted, PromptRecord> {
  const best = wanted.map(() => rows.map(() => 0));
  const at = (i: number, j: number) => best[i]?.[j] ?? 0;
  const scores = wanted.map((want) => rows.map((row) => score(want, row, plan)));
  for (let i = wanted.length - 1; i >= 0; i--) {
    for (let j = rows.length - 1; j >= 0; j--) {
      const pair = scores[i]?.[j] ?? 0;
      const line = best[i] as number[];
      line[j] = Math.max(at(i + 1, j), at(i, j + 1), pair > 0 ? pair + at(i + 1, j + 1) : 0);
    }
  }
  const pairs = new Map<Wanted, PromptRecord>();
  for (let i = 0, j = 0; i < wanted.length && j < rows.length; ) {
    const pair = scores[i]?.[j] ?? 0;
    if (pair > 0 && at(i, j) === pair + at(i + 1, j + 1)) {
      pairs.set(wanted[i] as Wanted, rows[j] as PromptRecord);
      i += 1;
      j += 1;
    } else if (at(i, j) === at(i + 1, j)) i += 1;
    else j += 1;
  }
  return pairs;
}

function score(want: Wanted, row: PromptRecord, plan: PlannedCall): number {
  const role = want.roles.includes(row.role ?? '') ? 1 : 0;
  const id = want.tool_call_id && row.tool_call_id === want.tool_call_id ? 1 : 0;
  if (want.hasText) return isText(want, row) ? 3 + role + id : 0.4 * role + id;
  if (want.must) return isBlank(row.content) && role === 1 ? 3 + id : 0.4 * role + id;
  // A message that the instrumentation lost may still have a row, of a text that is on the wire.
  const content = clean(row.content ?? '');
  const isSeen =
    content === '' ||
    plan.facts.some(({ texts }) => [...texts].some((text) => text.includes(content)));
  return isSeen ? 0.5 + 0.2 * role : 0;
}
