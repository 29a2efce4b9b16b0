/** What the package offers to programs: make your own worker, add activities, or talk to lifecycles. */
export { type Activities, createActivities, type Dependencies } from './activities/index.js';
export { type FollowOptions, followLifecycle } from './cli/progress.js';
export { loadSettings, type Settings, SettingsError } from './settings.js';
export { createMlopsClient, type MlopsClient } from './temporal/mlops-client.js';
export { type Started, startLifecycle, type StartRequest } from './temporal/start-lifecycle.js';
export { createWorkers, type WorkerFactoryOptions, type Workers } from './worker-factory.js';
export * from './workflows/messages.js';
