/** `npm run bench` runs all benchmarks, `npm run bench -- storage sdk` some of them. */
import { parseArgs } from 'node:util';
import { benchCold } from './cold.ts';
import { benchFaults } from './faults.ts';
import { benchGrowth } from './growth.ts';
import { benchHostile } from './hostile.ts';
import { benchLambda } from './lambda.ts';
import { benchSdk } from './sdk.ts';
import { benchStorage } from './storage.ts';
import { benchSustain } from './sustain.ts';

const SECTIONS: Record<string, () => Promise<void>> = {
  sdk: benchSdk,
  lambda: benchLambda,
  cold: benchCold,
  storage: benchStorage,
  sustain: benchSustain,
  faults: benchFaults,
  growth: benchGrowth,
  hostile: benchHostile,
};

// Accepted here; the sections that have options read them from the command line.
const { positionals: asked } = parseArgs({
  options: { spans: { type: 'string' }, peers: { type: 'boolean' } },
  allowPositionals: true,
});
for (const name of asked.length > 0 ? asked : Object.keys(SECTIONS)) {
  const section = SECTIONS[name];
  if (!section) {
    console.error(`unknown benchmark '${name}'; use one of: ${Object.keys(SECTIONS).join(', ')}`);
    process.exit(1);
  }
  await section();
}
process.exit(0);
