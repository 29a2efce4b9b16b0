/** What the package offers to programs: make your own worker, add activities, or talk to lifecycles. */
export { type Activities, createActivities, type Dependencies } from './activities/index.js';
export { loadSettings, type Settings, SettingsError } from './settings.js';
export { createWorkers, type WorkerFactoryOptions, type Workers } from './worker-factory.js';
export { startLifecycle, type Started, type StartRequest } from './temporal/start-lifecycle.js';
export * from './workflows/messages.js';
