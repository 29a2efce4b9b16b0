// What `azureml-emulator` needs once it runs: in one module, so that it is one import.
export { instructions } from './instructions.js';
export { plant } from './seed.js';
export { resourcesAt, shownWorkspace } from './commands.js';
