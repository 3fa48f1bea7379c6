/** Calls of ten models with what they cost, worked out by hand. */

export interface Call {
  provider?: string | null;
  model: string;
  prompt?: number;
  completion?: number;
  cached?: number;
  written?: number;
  started_at?: string;
  attributes?: Record<string, string>;
}

/**
 * Bills calculated by hand: USD per million tokens, from the providers' pages at the time when
 * the list was made, times tokens. `prompt` includes what was cached and written.
 */
export const BILLS: [string, Call, string][] = [
  [
    'GPT-4o mini: 1,000 in at 0.15 and 500 out at 0.60',
    { provider: 'openai', model: 'gpt-4o-mini-2024-07-18', prompt: 1000, completion: 500 },
    // 1,000 × 0.15 = 150; 500 × 0.60 = 300; 450 / 1M
    '0.00045',
  ],
  [
    'GPT-5: 10,000 in, 8,000 of them cached at 0.125, the rest at 1.25, and 2,000 out at 10',
    { provider: 'openai', model: 'gpt-5', prompt: 10_000, cached: 8000, completion: 2000 },
    // 2,000 × 1.25 = 2,500; 8,000 × 0.125 = 1,000; 2,000 × 10 = 20,000; 23,500 / 1M
    '0.0235',
  ],
  [
    'o3 after its price fell: 1,200 in at 2 and 3,400 out, reasoning included, at 8',
    {
      provider: 'openai',
      model: 'o3-2025-04-16',
      prompt: 1200,
      completion: 3400,
      started_at: '2025-06-10T00:00:00Z',
    },
    // 1,200 × 2 = 2,400; 3,400 × 8 = 27,200; 29,600 / 1M
    '0.0296',
  ],
  [
    'o3 before its price fell: the same at 10 and 40',
    {
      provider: 'openai',
      model: 'o3-2025-04-16',
      prompt: 1200,
      completion: 3400,
      started_at: '2025-06-09T23:59:59Z',
    },
    // 1,200 × 10 = 12,000; 3,400 × 40 = 136,000; 148,000 / 1M
    '0.148',
  ],
  [
    'Claude Sonnet 4.5: 1,345 in, 1,024 read from the cache at 0.30, 128 written at 3.75, 193 at 3, and 47 out at 15',
    {
      provider: 'anthropic',
      model: 'claude-sonnet-4-5-20250929',
      prompt: 1345,
      cached: 1024,
      written: 128,
      completion: 47,
    },
    // 193 × 3 = 579; 1,024 × 0.30 = 307.2; 128 × 3.75 = 480; 47 × 15 = 705; 2,071.2 / 1M
    '0.0020712',
  ],
  [
    'Claude Sonnet 4.5 above 200,000: 250,000 in at 6 and 1,000 out at 22.50, the whole call',
    { provider: 'anthropic', model: 'claude-sonnet-4-5', prompt: 250_000, completion: 1000 },
    // 250,000 × 6 = 1,500,000; 1,000 × 22.5 = 22,500; 1,522,500 / 1M
    '1.5225',
  ],
  [
    'Claude 3.5 Haiku: 2,000 in at 0.80 and 300 out at 4',
    { provider: 'anthropic', model: 'claude-3-5-haiku-20241022', prompt: 2000, completion: 300 },
    // 2,000 × 0.80 = 1,600; 300 × 4 = 1,200; 2,800 / 1M
    '0.0028',
  ],
  [
    'Gemini 2.5 Pro at 200,000: not above it, in at 1.25 and 800 out at 10',
    { provider: 'gcp.gen_ai', model: 'models/gemini-2.5-pro', prompt: 200_000, completion: 800 },
    // 200,000 × 1.25 = 250,000; 800 × 10 = 8,000; 258,000 / 1M
    '0.258',
  ],
  [
    'Gemini 2.5 Pro above it: 200,001 in, 1 of them cached at 0.25, at 2.50, and 800 out at 15',
    {
      provider: 'gcp.vertex_ai',
      model: 'gemini-2.5-pro',
      prompt: 200_001,
      cached: 1,
      completion: 800,
    },
    // 200,000 × 2.50 = 500,000; 1 × 0.25 = 0.25; 800 × 15 = 12,000; 512,000.25 / 1M
    '0.51200025',
  ],
  [
    'Claude 3.5 Sonnet on Bedrock: 900 in at 3 and 100 out at 15',
    {
      provider: 'aws.bedrock',
      model: 'us.anthropic.claude-3-5-sonnet-20241022-v2:0',
      prompt: 900,
      completion: 100,
    },
    // 900 × 3 = 2,700; 100 × 15 = 1,500; 4,200 / 1M
    '0.0042',
  ],
  [
    'Mistral Large: 700 in at 2 and 50 out at 6',
    { provider: 'mistral_ai', model: 'mistral-large-2411', prompt: 700, completion: 50 },
    // 700 × 2 = 1,400; 50 × 6 = 300; 1,700 / 1M
    '0.0017',
  ],
  [
    'Grok 4: 3,000 in, 1,000 of them cached at 0.75, at 3, and 10 out at 15',
    { provider: 'xai', model: 'grok-4', prompt: 3000, cached: 1000, completion: 10 },
    // 2,000 × 3 = 6,000; 1,000 × 0.75 = 750; 10 × 15 = 150; 6,900 / 1M
    '0.0069',
  ],
  [
    'Llama 3.3 70B at Groq: 123 in at 0.59 and 45 out at 0.79',
    { provider: 'groq', model: 'llama-3.3-70b-versatile', prompt: 123, completion: 45 },
    // 123 × 0.59 = 72.57; 45 × 0.79 = 35.55; 108.12 / 1M
    '0.00010812',
  ],
  [
    'DeepSeek V4 Flash by night in Europe, its peak: 100 in at 0.44 and 10 out at 1.32',
    {
      provider: 'deepseek',
      model: 'deepseek-v4-flash',
      prompt: 100,
      completion: 10,
      started_at: '2026-09-01T03:59:59.9Z',
    },
    // 100 × 0.44 = 44; 10 × 1.32 = 13.2; 57.2 / 1M
    '0.0000572',
  ],
  [
    'DeepSeek V4 Flash a moment later: in at 0.22 and out at 0.66',
    {
      provider: 'deepseek',
      model: 'deepseek-v4-flash',
      prompt: 100,
      completion: 10,
      started_at: '2026-09-01T04:00:00Z',
    },
    // 100 × 0.22 = 22; 10 × 0.66 = 6.6; 28.6 / 1M
    '0.0000286',
  ],
  [
    'an embedding, which answers with no tokens: 1 in at 0.02',
    { provider: 'openai', model: 'text-embedding-3-small', prompt: 1 },
    // 1 × 0.02 = 0.02; 0.02 / 1M
    '0.00000002',
  ],
];
