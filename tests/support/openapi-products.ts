/** Operations of the protocols of other products in `docs/openapi.json`. */
import type * as z from 'zod/mini';
import { ingestionSchema } from '../../lambda/langfuse/events.ts';
import { batchSchema as runBatchSchema, runSchema } from '../../lambda/langsmith/runs.ts';
import { ingestSchema } from '../../lambda/openai/decode.ts';
import {
  discardedReplySchema,
  imagesReplySchema,
  ingestionReplySchema,
  mediaReplySchema,
  projectsReplySchema,
  runsReplySchema,
} from '../../lambda/protocol/reply-schemas.ts';

type Json = { [key: string]: unknown };

/** What is described here: schemas by name. */
export const PRODUCT_SCHEMAS: Readonly<Record<string, z.ZodMiniType>> = {
  Run: runSchema,
  RunBatch: runBatchSchema,
  RunsReply: runsReplySchema,
  Ingestion: ingestionSchema,
  IngestionReply: ingestionReplySchema,
  Discarded: discardedReplySchema,
  MediaReply: mediaReplySchema,
  ProjectsReply: projectsReplySchema,
  ImagesReply: imagesReplySchema,
  AgentsExport: ingestSchema,
};

const json = (name: string): Json => ({
  'application/json': { schema: { $ref: `#/components/schemas/${name}` } },
});
const answer = (description: string, name: string): Json => ({ description, content: json(name) });

/** `POST /runs/multipart`, `/runs/batch`, `/runs`, and `PATCH /runs/{id}`. */
export function runsOperation(path: string, errors: Json): Json {
  const isMultipart = path.endsWith('/multipart');
  const isBatch = path.endsWith('/batch');
  const multipart = {
    'multipart/form-data': {
      schema: {
        type: 'object',
        description: 'Parts `post.<id>`, `patch.<id>` and `<those>.<field>`, each with JSON.',
      },
    },
  };
  return {
    summary: isMultipart || isBatch ? 'Store runs of LangSmith' : 'Store one run of LangSmith',
    ...(path.includes('{id}')
      ? {
          parameters: [
            { name: 'id', in: 'path', required: true, schema: { type: 'string', maxLength: 128 } },
          ],
        }
      : {}),
    requestBody: {
      required: true,
      content: isMultipart ? multipart : json(isBatch ? 'RunBatch' : 'Run'),
    },
    responses: {
      202: answer('Stored, or durable and stored later.', 'RunsReply'),
      ...errors,
    },
  };
}

export const agentsOperation = (errors: Json): Json => ({
  summary: 'Store traces and spans of the OpenAI Agents SDK',
  requestBody: { required: true, content: json('AgentsExport') },
  responses: { 200: answer('Stored, or durable and stored later.', 'RunsReply'), ...errors },
});

export const ingestionOperation = (errors: Json): Json => ({
  summary: 'Store events of Langfuse about traces and observations',
  requestBody: { required: true, content: json('Ingestion') },
  responses: { 207: answer('Stored, or durable and stored later.', 'IngestionReply'), ...errors },
});

/** The routes of Langfuse whose bodies are not stored. */
export const discardedOperations = (errors: Json): Readonly<Record<string, Json>> => ({
  scores: {
    summary: 'Accept and discard scores of Langfuse',
    responses: { 200: answer('Discarded.', 'Discarded'), ...errors },
  },
  media: {
    summary: 'Tell a client of Langfuse to go on without uploading media',
    responses: { 201: answer('Nothing is to be uploaded.', 'MediaReply'), ...errors },
  },
  images: {
    summary: 'Tell OpenLLMetry where an image of a prompt is',
    parameters: ['trace', 'span'].map((name) => ({
      name,
      in: 'path',
      required: true,
      schema: { type: 'string', maxLength: 64 },
    })),
    responses: { 200: answer('The image was discarded.', 'ImagesReply'), ...errors },
  },
  projects: {
    summary: 'The project of the token, for `auth_check()` of Langfuse',
    responses: { 200: answer('The project.', 'ProjectsReply'), ...errors },
  },
});
