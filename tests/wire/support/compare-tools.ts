/** Tool rows: one for each requested call, merged with its own span and the next request. */
import type { RecordLists, ToolRecord } from '../../../wire/records.ts';
import type { Capture } from './capture.ts';
import type { PlannedCall } from './plan.ts';
import type { Report } from './report.ts';
import { form, isBlank, type Json, opened } from './values.ts';

interface WantedTool {
  traceId: string;
  callId: string;
  name: string;
  args: Json;
  /** Whether the wire has the call id. */
  hasId: boolean;
  /** Spans of which one requested it; null when the request is not on the wire. */
  askers: readonly string[] | null;
  output?: Json;
  required: boolean;
  retriever?: string;
}

export function checkTools(
  report: Report,
  capture: Capture,
  rows: RecordLists,
  plan: readonly PlannedCall[],
): void {
  const wanted = wantedTools(capture, plan);
  const left = new Set(rows.tools);
  const take = (fits: (row: ToolRecord) => boolean): ToolRecord | undefined => {
    const row = [...left].find(fits);
    if (row !== undefined) left.delete(row);
    return row;
  };
  const found = new Map<WantedTool, ToolRecord | undefined>();
  // Ids first, then name and arguments, so that the second row of one call is the one left over.
  for (const tool of wanted)
    found.set(
      tool,
      take((row) => row.trace_id === tool.traceId && row.id === tool.callId),
    );
  for (const tool of wanted) {
    const args = form(tool.args);
    const row =
      found.get(tool) ??
      take(
        (one) =>
          one.trace_id === tool.traceId && one.name === tool.name && form(one.arguments) === args,
      );
    if (tool.retriever !== undefined) checkRetriever(report, tool, row, rows);
    else if (tool.required) checkTool(report, tool, row);
  }
  for (const row of left)
    if (!isHandOver(capture, row)) report.extra(`tool row ${row.id} (${row.name})`, row.arguments);
}

function checkTool(report: Report, tool: WantedTool, row: ToolRecord | undefined): void {
  const what = `tool ${tool.name} ${tool.callId}`;
  report.must(what, row === undefined ? undefined : 'row', ['row']);
  report.must(`${what} name`, row?.name, [tool.name]);
  const hasArguments = !isBlank(row?.arguments) && opened(row?.arguments) === opened(tool.args);
  report.mustPass(`${what} arguments`, row?.arguments, hasArguments, tool.args);
  if (tool.hasId) report.must(`${what} id`, row?.id, [tool.callId]);
  if (tool.askers !== null) report.must(`${what} span_id`, row?.span_id, tool.askers);
  if (tool.output === undefined) return;
  const hasOutput = !isBlank(row?.output) && opened(row?.output) === opened(tool.output);
  report.mustPass(`${what} output`, row?.output, hasOutput, tool.output);
}

/** The result of a retriever is on its span, or in a tool row. */
function checkRetriever(
  report: Report,
  tool: WantedTool,
  row: ToolRecord | undefined,
  rows: RecordLists,
): void {
  const output = row?.output ?? rows.spans.find(({ id }) => id === tool.retriever)?.output;
  report.mustPass(
    `retriever ${tool.name} output`,
    output,
    opened(output) === opened(tool.output),
    tool.output,
  );
}

function wantedTools({ expected, facts }: Capture, plan: readonly PlannedCall[]): WantedTool[] {
  const list: WantedTool[] = [];
  const find = (traceId: string, id: string, name: string, args: Json) =>
    list.find(
      (tool) =>
        tool.traceId === traceId &&
        (tool.callId === id || (tool.name === name && form(tool.args) === form(args))),
    );
  for (const { call, has, traceId, candidates } of plan) {
    for (const choice of call.completions) {
      for (const [j, asked] of (choice.tool_calls ?? []).entries()) {
        const key = `completions[${choice.index}].tool_calls[${j}]`;
        if (!has(`${key}.name`, asked.name) || !has(`${key}.arguments`, asked.arguments)) continue;
        list.push({
          traceId,
          callId: asked.id,
          name: asked.name,
          args: asked.arguments,
          hasId: has(`${key}.id`, asked.id),
          askers: candidates,
          required: true,
        });
      }
    }
  }
  const traceOf = new Map(expected.spans.map((span) => [span.span_id, span.trace_id]));
  for (const ran of expected.tools) {
    if (ran.wire.exported === false) continue;
    const traceId = traceOf.get(ran.wire.span_id) ?? '';
    let tool = find(traceId, ran.call_id, ran.name, ran.arguments);
    if (tool === undefined) {
      const isRetriever =
        facts.get(ran.wire.span_id)?.attributes['langfuse.observation.type'] === 'retriever';
      tool = {
        traceId,
        callId: ran.call_id,
        name: ran.name,
        args: ran.arguments,
        hasId: false,
        askers: null,
        required: !isRetriever,
      };
      if (isRetriever) tool.retriever = ran.wire.span_id;
      list.push(tool);
    }
    if (ran.call_id && ran.wire.found_at.call_id?.length) tool.hasId = true;
    if (ran.wire.found_at.output?.length) tool.output = ran.output;
  }
  for (const { call, has, missing, traceId } of plan) {
    for (const [k, prompt] of call.prompts.entries()) {
      for (const { id, name, arguments: args } of prompt.tool_calls ?? []) {
        if (!find(traceId, id, name, args))
          list.push({
            traceId,
            callId: id,
            name,
            args,
            hasId: false,
            askers: null,
            required: false,
          });
      }
      if (
        prompt.role !== 'tool' ||
        !has(`prompts[${k}].text`, prompt.text) ||
        missing.has(`prompts[${k}].tool_call_id`)
      )
        continue;
      const tool = list.find(
        (one) => one.traceId === traceId && one.callId === prompt.tool_call_id,
      );
      if (tool?.required && tool.hasId) tool.output ??= prompt.text;
    }
  }
  return list;
}

/** A handoff between agents is a tool span, but not a tool of the application; it may have a row. */
function isHandOver({ expected, facts }: Capture, row: ToolRecord): boolean {
  const known = new Set(expected.tools.map(({ wire }) => wire.span_id));
  return [...facts].some(([id, { attributes }]) => {
    if (known.has(id) || attributes['openinference.span.kind'] !== 'TOOL') return false;
    return opened(attributes['input.value']) === opened(row.arguments);
  });
}
