import { recordsInCloud } from '../records/cloud.ts';
import { recordsInFile } from '../records/local.ts';
import { openLocalFile } from '../records/local-file.ts';
import { readSelection, SELECTION_OPTIONS } from '../records/selection.ts';
import { findSource, SOURCE_OPTIONS } from '../records/source.ts';
import { lineOf } from '../records/wire-record.ts';
import { defineCommand } from '../shell/command.ts';

export const exportRecords = defineCommand({
  name: 'export',
  summary: 'write records as JSON lines, from the local file or the cloud',
  args: '',
  maxArgs: 0,
  help: `
Writes one record per line to standard output, as {"kind": "span", "record": {...}},
with the fields and ids as they were sent; "agensight push FILE" sends them.
Sessions come before their traces, and the records of a trace are close together.
Memory use does not depend on the number of records.

  agensight export --since 7d > week.jsonl`,
  options: { ...SELECTION_OPTIONS, ...SOURCE_OPTIONS },
  run: async ({ values, settings, out }) => {
    const selection = readSelection(values);
    const source = await findSource(values, settings, out);
    const records =
      source.place === 'local'
        ? recordsInFile(openLocalFile(source.file), selection)
        : recordsInCloud(source.rest, source.project.id, selection);
    let count = 0;
    for await (const record of records) {
      await out.print(lineOf(record));
      count += 1;
    }
    out.remark(`${count} records`);
    return true;
  },
});
