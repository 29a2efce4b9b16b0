import { z } from 'zod';
import { pythonText } from '../expressions.js';
import { anything, compact, text } from '../fields.js';
import { kind } from '../kind.js';

/** The official client's own class: keys that it does not know are left out without a word. */
const schema = z.looseObject({
  name: text,
  model_id: text,
  tags: anything.optional(),
  location: text.optional(),
});

/** `az ml serverless-endpoint create`. */
export const serverlessEndpoint = kind<z.infer<typeof schema>>({
  name: 'serverlessEndpoint',
  roles: ['setup'],
  order: 8,
  detects: (value) => 'model_id' in value && !('create_monitor' in value),
  schema,
  async toRest(spec, _place, assets) {
    const tags = Object.entries(spec.tags ?? {}).map(([key, value]) => [key, pythonText(value)] as const);
    const body = compact({
      properties: { modelSettings: { modelId: spec.model_id } },
      tags: tags.length === 0 ? undefined : Object.fromEntries(tags),
      sku: { name: 'Consumption' },
      location: spec.location ?? (await assets.location()),
    });
    return { resource: `/serverlessEndpoints/${spec.name}`, body };
  },
});
