import type { z } from 'zod';
import { fileObject } from '../fields.js';
import { kind } from '../kind.js';
import type { Problem } from '../kind.js';
import { scheduleActions } from '../schedule-actions/registry.js';
import { scheduleReadOnly, scheduleRest, scheduleShape } from '../schedule-parts.js';

const schema = fileObject(
  {
    ...scheduleShape,
    ...Object.fromEntries(scheduleActions.map((action) => [action.key, action.schema.optional()])),
  },
  scheduleReadOnly,
);
interface Schedule extends z.infer<typeof schema> {
  /** Values of the actions' keys. */
  readonly [action: string]: unknown;
}

/** `az ml schedule create`: when, and one action. */
export const schedule = kind<Schedule>({
  name: 'schedule',
  family: 'schedule',
  roles: ['setup'],
  order: 10,
  detects: (value) => 'trigger' in value && scheduleActions.some(({ key }) => key in value),
  schema,
  async check(value, place) {
    const given = actionsOf(value);
    const keys = scheduleActions.map(({ key }) => key);
    const other: Problem[] =
      given.length === 1
        ? []
        : [
            {
              path: [],
              message: `a schedule has one action of ${keys.join(', ')}; this one has ${given.length}`,
            },
          ];
    const found = await Promise.all(
      given.map((action) => action.check(value[action.key], place, value.name)),
    );
    return [...other, ...found.flat()];
  },
  async toRest(value, place, assets) {
    const [action] = actionsOf(value);
    return scheduleRest(value, (await action?.toRest(value[action.key], place, assets)) ?? {});
  },
});

function actionsOf(value: Schedule) {
  return scheduleActions.filter(({ key }) => value[key] !== undefined);
}
