/** `npm run bench`, or `npm run bench -- storage sdk` for some of it. */
import { benchHostile } from './hostile.ts';
import { benchLambda } from './lambda.ts';
import { benchSdk } from './sdk.ts';
import { benchStorage } from './storage.ts';

const SECTIONS: Record<string, () => Promise<void>> = {
  sdk: benchSdk,
  lambda: benchLambda,
  storage: benchStorage,
  hostile: benchHostile,
};

const asked = process.argv.slice(2);
for (const name of asked.length > 0 ? asked : Object.keys(SECTIONS)) {
  const section = SECTIONS[name];
  if (!section) {
    console.error(
      `No benchmark is called ${name}. There are: ${Object.keys(SECTIONS).join(', ')}.`,
    );
    process.exit(1);
  }
  await section();
}
process.exit(0);
