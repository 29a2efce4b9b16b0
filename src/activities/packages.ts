import { z } from 'zod';
import { type AzureMl, readText } from '../azureml/index.js';
import type { JobEnd, SubmittedJob, WorkspaceActivities } from './contract.js';
import type { Dependencies } from './dependencies.js';
import { submitGenerated } from './generated-job.js';
import { beating } from './heartbeat.js';
import { writeCheck } from './package-check/job.js';
import { openProject } from './projects.js';
import { jobFailure } from './submitting.js';
import { candidateOf } from './training.js';
import type { Workspaces } from './workspaces.js';

/** Loads and scores a candidate's model where nothing is but what it asks for itself. */
export function packageActivities(
  deps: Dependencies,
  workspaces: Workspaces,
): Pick<WorkspaceActivities, 'submitPackageCheck' | 'readPackageCheck'> {
  return {
    submitPackageCheck: ({ model, ...request }) =>
      beating(async () => {
        const open = await openProject(deps, request);
        const { check = {} } = open.project.register;
        const ml = workspaces.client(open.project.workspace);
        const { job } = candidateOf(open, request.candidate);
        const checked = { path: model.path, files: open.files, job, check };
        const generated = { purpose: 'package', write: (dir: string) => writeCheck(ml, checked, dir) };
        return await submitGenerated(deps, workspaces, open, generated, {
          ...request,
          candidate: `package-${request.candidate}`,
        });
      }),

    async readPackageCheck({ submitted, end }) {
      const { job, link, workspace } = submitted;
      if (end.status !== 'Completed') return { problem: failureOf(submitted, end) };
      const found = await packageReport(workspaces.client(workspace), job);
      if (found === undefined) return { problem: `job ${job} ended well and left no report; ${link}` };
      const { python, packages, sample, signature, rows } = found;
      return {
        ...{ job, link, python, packages: packages.length, sample, signature },
        ...(typeof rows === 'number' && { rows }),
      };
    },
  };
}

function failureOf({ job, link }: SubmittedJob, end: JobEnd): string {
  return [jobFailure(job, end), ...(end.log === undefined ? [] : [end.log]), link].join('\n');
}

const report = z.object({
  python: z.string().max(40),
  /** `name==version`: the locked environment. */
  packages: z.array(z.string().max(300)).max(10_000),
  sample: z.boolean(),
  signature: z.boolean(),
  rows: z.number().nullish(),
});
type Report = z.infer<typeof report>;

/** What the check wrote; undefined for none, or one that the model's code has spoilt. */
export async function packageReport(ml: AzureMl, job: string): Promise<Report | undefined> {
  const text = await readText(ml, `azureml://jobs/${job}/outputs/report/paths/check.json`);
  try {
    return report.parse(JSON.parse(text ?? ''));
  } catch {
    return undefined;
  }
}
