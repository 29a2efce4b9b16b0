import { componentKind } from '../components/component.js';
import { parallelComponent as type } from '../components/parallel.js';

/** `az ml component create` with `type: parallel`. */
export const parallelComponent = componentKind(
  type,
  (value) => /^parallel$/i.test(String(value['type'])) && 'name' in value,
);
