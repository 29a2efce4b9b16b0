import { commandComponent } from './command.js';
import type { ComponentType } from './component.js';
import { pipelineComponent } from './pipeline.js';

/** Every type of component that a node can run. */
export function componentTypes(): readonly ComponentType[] {
  return [commandComponent, pipelineComponent];
}
