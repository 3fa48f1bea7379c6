/** Runs examples one after the other in this process, each with its own SQLite file. */
import { flush } from '../../sdk/index.ts';

const [folder = '', ...names] = process.argv.slice(2);

for (const name of names) {
  process.env.AGENSIGHT_LOCAL_FILE = `${folder}/${name.replace('/', '-')}.db`;
  const example = (await import(`../../examples/${name}.ts`)) as { main(): Promise<void> };
  await example.main();
  await flush();
}
