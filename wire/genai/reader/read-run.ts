/** The run of a tool that a span tells of. */
import { isList } from '../../json.ts';
import type { JsonValue } from '../../records.ts';
import { isObject } from '../../values.ts';
import { toolOfEvents } from '../forms/event-messages.ts';
import { openValue } from '../forms/open-value.ts';
import type { OtelSpan } from '../forms/otel-span.ts';
import { calledBy, isSchema, plainArguments, plainResult } from '../forms/tool-values.ts';
import type { ToolRun } from '../provider/model.ts';
import { BODY_RANK } from '../sources/source-index.ts';
import { MASK } from '../sources/words.ts';
import type { Found } from './found.ts';

/** Reads the run; its input may be known better than its arguments. */
export function readRun(span: OtelSpan, found: Found): { tool: ToolRun; input: JsonValue } {
  const given = found.first('toolArguments', (value) => (isSchema(value) ? null : { value }));
  const result = found.first('toolResult', (value, { rank }) => ({
    value,
    isField: rank < BODY_RANK,
  }));
  const fromEvents =
    given !== null || result !== null || span.events.length === 0
      ? null
      : toolOfEvents(span.events);
  const called = calledBy(result?.value);
  const options =
    isObject(given?.value) && isList(given.value.args) ? given.value.args[1] : undefined;
  const input = given === null ? (fromEvents?.arguments ?? null) : argumentsOf(given.value);
  // A single argument of LangChain lacks its name, which the call of the model has.
  const isBare = called.id !== null && !isObject(input);
  const tool = {
    id: found.word('toolCallId') ?? called.id ?? calledBy(options).id,
    name: found.word('toolName') ?? called.name ?? nameOf(span),
    arguments: isBare || (typeof input === 'string' && MASK.test(input)) ? null : input,
    output: result === null ? (fromEvents?.output ?? null) : resultOf(result.value, result.isField),
  };
  return { tool, input };
}

function argumentsOf(value: JsonValue): JsonValue {
  // A tool of the Vercel AI SDK receives its arguments and, as a second argument, the call.
  if (isObject(value) && isList(value.args) && value.args.length === 2) {
    const [args, options] = value.args;
    if (isObject(options) && options.toolCallId !== undefined) return openValue(args) ?? null;
  }
  return plainArguments(value);
}

function resultOf(value: JsonValue, isField: boolean): JsonValue {
  return openValue(plainResult(value, 0, isField)) ?? null;
}

const PREFIXED = /^(?:execute_tool|running tool:?|tool:|tools\/call) (.+)$/;
const METHOD = /\.(__call__|run|acall|call|tool)$/;

function nameOf({ name, attributes }: OtelSpan): string {
  const stated = attributes['traceloop.entity.name'] ?? attributes['langfuse.observation.name'];
  // A name with places for values is a template; the tool is in them.
  const template = /[{%]/.test(name) ? attributes.name : undefined;
  const known = stated ?? template;
  const full = typeof known === 'string' && known !== '' ? known : name;
  return PREFIXED.exec(full)?.[1] ?? full.replace(METHOD, '');
}
