import { componentKind } from '../components/component.js';
import { pipelineComponent as type } from '../components/pipeline.js';

/** `az ml component create` with `type: pipeline`. */
export const pipelineComponent = componentKind(
  type,
  (value) => /^pipeline$/i.test(String(value['type'])) && 'name' in value && 'jobs' in value,
);
