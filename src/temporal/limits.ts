/**
 * Anybody who may write to the namespace can have 10,000 signals wait for one workflow, as many as the server takes a
 * run. They come as one task, which takes the SDK about half a millisecond each. With its defaults (5 s for the code,
 * 10 s for the task) the code is ended in the middle, which takes the whole worker's process with it on Node 20, and
 * the next worker meets the same task. The SDK takes this option, though its types do not show it (worker 1.24,
 * `WorkerOptionsWithDefaults`).
 */
export const timeForFloods = { isolateExecutionTimeout: '60s' } as const;

/** How long the server waits for a worker that has taken a lifecycle's task and is silent. */
export const workflowTaskTimeout = '30s';
