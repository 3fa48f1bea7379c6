/** The rooms of the functions. */
import { MASKING, NODE, OF_A_PROTOCOL, READER, type Room, ZOD } from './room.ts';

export const FUNCTION_ROOMS: Readonly<Record<string, Room>> = {
  lambda: {
    idea: 'entry points and wiring: ingest, drain, maintain, routes, dependencies',
    imports: ['wire', READER, MASKING],
    libraries: ['aws-lambda', NODE],
    isRoot: true,
  },
  'lambda/runtime': {
    idea: 'what a function runs in: settings, log, metrics',
    imports: ['wire'],
    libraries: ['@aws-lambda-powertools/*', ZOD, NODE],
  },
  'lambda/http': {
    idea: 'one request in, one response or error out',
    imports: ['wire'],
    libraries: ['aws-lambda', ZOD, NODE],
  },
  'lambda/validation': {
    idea: 'unknown → accepted records, and rejections with reasons',
    imports: ['wire', 'lambda/http'],
    libraries: [ZOD, NODE],
  },
  'lambda/store': {
    idea: 'the database, and what its errors mean',
    imports: ['wire', MASKING, 'lambda/runtime'],
    libraries: ['@supabase/supabase-js', 'aws4fetch', ZOD, NODE],
  },
  'lambda/auth': {
    idea: 'token → project and budget',
    imports: ['wire', MASKING, 'lambda/http', 'lambda/store'],
    libraries: [NODE],
  },
  'lambda/overflow': {
    idea: 'batches that wait in S3 and SQS',
    imports: ['wire', 'lambda/runtime', 'lambda/store'],
    libraries: ['@aws-sdk/client-s3', '@aws-sdk/client-sqs', 'aws-lambda', ZOD, NODE],
  },
  'lambda/protocol': {
    idea: 'what all ways in share; the native protocol and health',
    imports: [
      'wire',
      MASKING,
      'lambda/http',
      'lambda/runtime',
      'lambda/store',
      'lambda/validation',
    ],
    libraries: [ZOD, NODE],
  },
  'lambda/otlp': {
    idea: 'OTLP: traces and logs, protobuf and JSON',
    imports: [...OF_A_PROTOCOL, 'lambda/auth'],
    libraries: ['pbf', ZOD, NODE],
  },
  'lambda/langsmith': {
    idea: "LangSmith's own protocol: runs, created and updated",
    imports: OF_A_PROTOCOL,
    libraries: [ZOD, NODE],
  },
  'lambda/openai': {
    idea: 'the exporter of the OpenAI Agents SDK',
    imports: OF_A_PROTOCOL,
    libraries: [ZOD, NODE],
  },
  'lambda/langfuse': {
    idea: "Langfuse's own protocol: events about traces and observations",
    imports: OF_A_PROTOCOL,
    libraries: [ZOD, NODE],
  },
  'lambda/python': {
    idea: 'the protocol of the original Python SDK',
    imports: [...OF_A_PROTOCOL, 'lambda/auth'],
    libraries: [ZOD, NODE],
  },
};
