import { commandComponent } from './command.js';
import type { ComponentType } from './component.js';
import { parallelComponent } from './parallel.js';
import { pipelineComponent } from './pipeline.js';
import { sparkComponent } from './spark.js';

/** Every type of component that a node can run. */
export function componentTypes(): readonly ComponentType[] {
  return [commandComponent, parallelComponent, sparkComponent, pipelineComponent];
}
