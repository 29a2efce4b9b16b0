import { z } from 'zod';
import { text } from '../fields.js';
import { kind } from '../kind.js';

const schema = z.looseObject({ name: text, model_id: text });

/** `az ml marketplace-subscription create`. Its `$schema` tells it from a serverless endpoint, which has the same keys. */
export const marketplaceSubscription = kind<z.infer<typeof schema>>({
  name: 'marketplaceSubscription',
  roles: ['setup'],
  order: 7,
  detects: () => false,
  schema,
  toRest: (spec) =>
    Promise.resolve({
      resource: `/marketplaceSubscriptions/${spec.name}`,
      body: { properties: { modelId: spec.model_id } },
    }),
});
