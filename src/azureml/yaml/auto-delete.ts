import type { z } from 'zod';
import type { Json } from '../types.js';
import { compact, firstOf, integer, object, snakeWord, text } from './fields.js';

/** `auto_delete_setting:` of data and of a job's output. */
export const autoDelete = object(
  {
    condition: snakeWord(['created_greater_than', 'last_accessed_greater_than']).optional(),
    value: firstOf<string | number>(text, integer).optional(),
  },
  [],
);

export function autoDeleteBody({ condition, value }: z.infer<typeof autoDelete>): Json {
  const camel = condition?.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
  return compact({ condition: camel, value });
}
