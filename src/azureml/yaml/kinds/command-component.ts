import { commandComponent as type } from '../components/command.js';
import { componentKind } from '../components/component.js';

/** `az ml component create` with `type: command`, which is the default. */
export const commandComponent = componentKind(
  type,
  (value) => /^(?:undefined|command)$/i.test(String(value['type'])) && 'command' in value && 'name' in value,
);
