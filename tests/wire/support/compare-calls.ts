/** Completions of each call: choices, finish reasons, model, usage; and no call counted twice. */
import type { CompletionRecord, PromptRecord, RecordLists } from '../../../wire/records.ts';
import type { ExpectedCompletion } from './capture.ts';
import { checkPrompts } from './compare-prompts.ts';
import { isEmbedding, TOKENS } from './expected-usage.ts';
import type { PlannedCall } from './plan.ts';
import type { Report } from './report.ts';
import { clean, finishClass, groupBy, isBlank, isSameText } from './values.ts';

export function checkCalls(report: Report, rows: RecordLists, plan: readonly PlannedCall[]): void {
  const completions = groupBy(rows.completions, (row) => row.span_id);
  const prompts = groupBy(rows.prompts, (row) => row.span_id);
  for (const planned of plan) {
    const what = `call ${planned.call.n}`;
    const answered = takeFirst(completions, planned.candidates);
    const asked = takeFirst(prompts, planned.candidates);
    answered.sort((a, b) => a.completion_index - b.completion_index);
    asked.sort((a, b) => a.message_index - b.message_index);
    if (isEmbedding(planned.call)) checkEmbedding(report, what, planned, answered, asked);
    else {
      checkPrompts(report, what, planned, asked);
      if (planned.call.error) checkFailed(report, what, answered);
      else checkCompletions(report, what, planned, answered);
    }
  }
  for (const row of [...completions.values(), ...prompts.values()].flat()) {
    report.extra(`row on span ${row.span_id}, which is no call of its own`, row.content);
  }
  checkSums(report, rows, plan);
}

function takeFirst<T>(groups: Map<string, T[]>, ids: readonly string[]): T[] {
  const id = ids.find((one) => groups.has(one)) ?? '';
  const group = groups.get(id) ?? [];
  groups.delete(id);
  return group;
}

function checkEmbedding(
  report: Report,
  what: string,
  { usage }: PlannedCall,
  rows: readonly CompletionRecord[],
  asked: readonly PromptRecord[],
): void {
  for (const row of asked) report.extra(`${what} (embedding) prompt`, row.content);
  for (const row of rows.slice(1))
    report.extra(`${what} (embedding) second completion`, row.content);
  if (!isBlank(rows[0]?.content)) report.extra(`${what} (embedding) text`, rows[0]?.content);
  for (const column of TOKENS)
    report.may(`${what} (embedding) ${column}`, rows[0]?.[column], usage[column].accept);
}

function checkFailed(report: Report, what: string, rows: readonly CompletionRecord[]): void {
  for (const row of rows) {
    if (row.completion_index !== 0 || !isBlank(row.content))
      report.extra(`${what} failed, yet has an answer`, row.content);
    for (const column of TOKENS) report.may(`${what} (failed) ${column}`, row[column], []);
  }
}

function checkCompletions(
  report: Report,
  what: string,
  planned: PlannedCall,
  rows: readonly CompletionRecord[],
): void {
  const byIndex = new Map(rows.map((row) => [row.completion_index, row]));
  for (const choice of planned.call.completions) {
    const row = byIndex.get(choice.index);
    byIndex.delete(choice.index);
    checkChoice(report, `${what} completions[${choice.index}]`, planned, choice, row);
  }
  for (const row of byIndex.values())
    report.extra(`${what} completion ${row.completion_index}`, row.content);
}

function checkChoice(
  report: Report,
  what: string,
  planned: PlannedCall,
  choice: ExpectedCompletion,
  row: CompletionRecord | undefined,
): void {
  const { call, has, own, missing, usage } = planned;
  const key = `completions[${choice.index}]`;
  const text = choice.text ?? null;
  const hasText = text !== null && has(`${key}.text`, text);
  if (choice.index > 0 && !hasText) {
    if (!isBlank(row?.content))
      report.may(`${what} text`, clean(row?.content ?? ''), [clean(text ?? '')]);
    return;
  }
  report.must(what, row === undefined ? undefined : 'row', ['row']);
  const hasCalls = (choice.tool_calls ?? []).some(
    ({ name, arguments: args }, j) =>
      has(`${key}.tool_calls[${j}].name`, name) && has(`${key}.tool_calls[${j}].arguments`, args),
  );
  if (hasText || hasCalls) report.must(`${what} role`, row?.role, ['assistant']);
  if (hasText) report.mustPass(`${what} text`, row?.content, isSameText(text, row?.content), text);
  else if (!isBlank(row?.content))
    report.may(`${what} text`, clean(row?.content ?? ''), text === null ? [] : [clean(text)]);
  checkFinish(report, what, planned, choice, row);
  if (choice.index > 0) {
    for (const column of TOKENS)
      report.may(`${what} ${column} (usage belongs on completion 0)`, row?.[column], []);
    return;
  }
  const models = [
    has('response_model', call.response_model) ? call.response_model : undefined,
    has('request_model', call.request_model) ? call.request_model : undefined,
  ].filter((model) => model !== undefined);
  if (models.length > 0) report.must(`${what} model`, row?.model, models);
  const isIdOnSpan =
    (call.wire.found_at?.response_id?.length ?? 0) > 0 &&
    own.texts.has(clean(call.response_id ?? ''));
  if (call.response_id && isIdOnSpan && !missing.has('response_id'))
    report.must(`${what} response_id`, row?.response_id, [call.response_id]);
  for (const column of TOKENS) {
    const { must, accept } = usage[column];
    if (must) report.must(`${what} ${column}`, row?.[column], accept);
    else report.may(`${what} ${column}`, row?.[column], accept);
  }
}

const FINISH_KEYS = new Set([
  'gen_ai.response.finish_reasons',
  'ai.response.finishReason',
  'llm.finish_reason',
  'finish_reason',
  'finishReason',
  'stop_reason',
  'anthropic.message.stop_reason',
]);

function isFinishKey(key: string): boolean {
  return (
    FINISH_KEYS.has(key) || (key.startsWith('gen_ai.completion.') && key.endsWith('.finish_reason'))
  );
}

function checkFinish(
  report: Report,
  what: string,
  { has, facts }: PlannedCall,
  choice: ExpectedCompletion,
  row: CompletionRecord | undefined,
): void {
  const truth = [choice.finish_reason, choice.finish_class, choice.status].flatMap((word) =>
    word ? [finishClass(word)] : [],
  );
  const got = isBlank(row?.finish_reason) ? null : finishClass(row?.finish_reason ?? '');
  if (choice.finish_reason && has(`completions[${choice.index}].finish_reason`)) {
    report.must(`${what} finish_reason`, got, truth);
    return;
  }
  // The provider's reason is not on the wire; that of the instrumentation may be.
  const words = facts
    .flatMap(({ leaves }) => leaves)
    .flatMap(([key, value]) =>
      isFinishKey(key) && typeof value === 'string' && value !== '' && !value.startsWith('[')
        ? [finishClass(value)]
        : [],
    );
  if (choice.finish_reason && words.length > 0)
    report.must(`${what} finish_reason`, got, [...truth, ...words]);
  else report.may(`${what} finish_reason`, got, [...truth, ...words]);
}

/** The sum over the completions of a trace must not exceed the usage of its calls. */
function checkSums(report: Report, rows: RecordLists, plan: readonly PlannedCall[]): void {
  const completions = groupBy(rows.completions, (row) => row.trace_id);
  for (const [traceId, calls] of groupBy(plan, (planned) => planned.traceId)) {
    if (calls.every(({ call }) => isEmbedding(call) || call.error)) continue;
    for (const column of ['prompt_tokens', 'completion_tokens', 'total_tokens'] as const) {
      const most = calls.reduce(
        (sum, { usage }) => sum + Math.max(0, ...usage[column].accept.map((value) => value ?? 0)),
        0,
      );
      const sum = (completions.get(traceId) ?? []).reduce(
        (all, row) => all + (row[column] ?? 0),
        0,
      );
      if (sum > most) report.extra(`trace ${traceId}: sum of ${column} above ${most}`, sum);
    }
  }
}
