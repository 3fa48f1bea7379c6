/** Cold start of the built ingest function in the real Lambda runtime client, compared with a hello-world handler. */
import { COLD_SPANS, measureColdStarts } from '../tests/cloud/cold-start.ts';
import { installRuntimeClient, missingNeeds } from '../tests/cloud/needs.ts';
import { median, printFigures } from './measure.ts';

const ROUNDS = 15;

export async function benchCold(): Promise<void> {
  const missing = await missingNeeds();
  if (missing.length > 0) {
    console.log(`Skipped the cold start; missing: ${missing.join(', ')}.`);
    return;
  }
  await installRuntimeClient();
  const { ingest, hello, inits, warm } = await measureColdStarts(ROUNDS);
  const [ours, least] = [median(ingest), median(hello)];
  printFigures('Ingest function, cold start in the real runtime client', [
    {
      figure: `init and first invocation, ${COLD_SPANS} spans, including reading the secret`,
      ours: `${ours.toFixed(0)} ms`,
      ratio: `${(ours / least).toFixed(2)} × hello's ${least.toFixed(0)} ms`,
      target: '≤ 3.0',
    },
    {
      figure: 'init phase alone',
      ours: `${median(inits).toFixed(0)} ms`,
      ratio: '',
      target: '',
    },
    {
      figure: 'second invocation, measured by the caller',
      ours: `${median(warm).toFixed(1)} ms`,
      ratio: '',
      target: '',
    },
  ]);
}
