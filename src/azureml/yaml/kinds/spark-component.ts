import { componentKind } from '../components/component.js';
import { sparkComponent as type } from '../components/spark.js';

/** `az ml component create` with `type: spark`. */
export const sparkComponent = componentKind(
  type,
  (value) => /^spark$/i.test(String(value['type'])) && 'name' in value && 'entry' in value,
);
