import type { JobError } from '../job.js';
import type { ParentTools } from '../parents.js';
export async function runPipeline(tools: ParentTools): Promise<JobError | undefined> {
  return Promise.resolve({ code: 'UserError', message: tools.job.name });
}
