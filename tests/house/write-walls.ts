/** `npm run walls`: writes the linter's walls and the tables of ARCHITECTURE.md from `rooms.ts`. */
import { readFile, writeFile } from 'node:fs/promises';
import { wallsConfiguration, withRooms } from './walls.ts';

const WALLS = new URL('../../biome.walls.json', import.meta.url);
const DOCUMENT = new URL('../../ARCHITECTURE.md', import.meta.url);

await writeFile(WALLS, `${JSON.stringify(wallsConfiguration(), null, 2)}\n`);
await writeFile(DOCUMENT, withRooms(await readFile(DOCUMENT, 'utf8')));
