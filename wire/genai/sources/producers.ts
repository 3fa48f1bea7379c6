/** All producers. Of places with the same trust, those of the earlier producer come first. */
import { agensightPython, conventions } from './conventions.ts';
import {
  clients,
  haystack,
  liveKit,
  llamaIndex,
  otherProducts,
  pipecat,
  semanticKernel,
  springAi,
} from './frameworks.ts';
import { agentOps, braintrust, honeyHive, langtrace, liteLlm, mlflow } from './gateways.ts';
import { genkit, googleAdk } from './google.ts';
import { langfuse } from './langfuse.ts';
import { langSmith } from './langsmith.ts';
import { openInference } from './openinference.ts';
import { laminar, openLlmetry } from './openllmetry.ts';
import { plainWords } from './plain.ts';
import type { Producer } from './producer.ts';
import { pydantic } from './pydantic.ts';
import { mastra, vercelAi } from './vercel.ts';

export const PRODUCERS: readonly Producer[] = [
  vercelAi,
  mastra,
  conventions,
  openInference,
  langSmith,
  langfuse,
  openLlmetry,
  laminar,
  pydantic,
  googleAdk,
  genkit,
  mlflow,
  agentOps,
  honeyHive,
  braintrust,
  liteLlm,
  langtrace,
  springAi,
  haystack,
  liveKit,
  pipecat,
  llamaIndex,
  semanticKernel,
  clients,
  agensightPython,
  otherProducts,
  plainWords,
];

/** Lists in which the assistant's messages are items of one turn, rather than messages. */
export const ITEM_LISTS: ReadonlySet<string> = /* @__PURE__ */ new Set(
  /* @__PURE__ */ PRODUCERS.flatMap(({ itemLists }) => itemLists ?? []),
);

/** Prefixes of keys that only spans of models, agents and tools have. */
export const GENAI_PREFIXES: readonly string[] = /* @__PURE__ */ PRODUCERS.flatMap(
  ({ prefixes }) => prefixes ?? [],
);
