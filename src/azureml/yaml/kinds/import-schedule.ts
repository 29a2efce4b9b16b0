import type { z } from 'zod';
import { checkImport, dataImport, definitionBody } from '../data-imports.js';
import type { DataImport } from '../data-imports.js';
import { choose, fileObject, text } from '../fields.js';
import { kind } from '../kind.js';
import type { Place, Problem } from '../kind.js';
import { scheduleReadOnly, scheduleRest, scheduleShape } from '../schedule-parts.js';

const schema = fileObject(
  {
    ...scheduleShape,
    import_data: choose<string | DataImport>((value) => (typeof value === 'string' ? text : dataImport)),
  },
  scheduleReadOnly,
);
type Schedule = z.infer<typeof schema>;

/** `az ml schedule create` for an import of data. */
export const importSchedule = kind<Schedule>({
  name: 'importSchedule',
  family: 'schedule',
  roles: ['setup'],
  order: 10,
  detects: (value) => 'import_data' in value && !('create_monitor' in value),
  schema,
  check: (schedule, place) => checkAction(schedule, place),
  async toRest(schedule, place) {
    const { loaded } = await imported(schedule, place);
    const dataImportDefinition = loaded === undefined ? {} : definitionBody(loaded);
    return scheduleRest(schedule, { actionType: 'ImportData', dataImportDefinition });
  },
});

async function checkAction(schedule: Schedule, place: Place): Promise<Problem[]> {
  const { problems } = await imported(schedule, place);
  return problems;
}

/** The import that stands in the schedule, or in a file that it names. */
async function imported(
  { import_data: data }: Schedule,
  place: Place,
): Promise<{ readonly loaded?: DataImport; readonly problems: Problem[] }> {
  if (typeof data !== 'string') return { loaded: data, problems: checkImport(data, ['import_data']) };
  const { loaded, mistakes } = await place.open(data, 'dataImport');
  const problem = { path: ['import_data'], message: 'the file that it names has mistakes', mistakes };
  return {
    ...(loaded === undefined ? {} : { loaded: loaded.value as DataImport }),
    problems: mistakes.length === 0 ? [] : [problem],
  };
}
