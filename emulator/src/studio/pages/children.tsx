import type { JSX } from 'preact';
import { Block } from '../parts/blocks.js';
import { JobTable } from './jobs.js';
import type { ShownJob } from './job.js';
import { PipelineSteps } from './pipeline.js';
import { SweepTrials } from './sweep.js';

/** The jobs that a job has made: trials, steps, nested runs. */
export function ChildrenOf({ shown }: { readonly shown: ShownJob }): JSX.Element | null {
  const { row, all, scope } = shown;
  const children = all.filter(({ parent }) => parent === row.name).reverse();
  const type = row.type.toLowerCase();
  if (type === 'pipeline') return <PipelineSteps shown={shown} steps={children} />;
  if (children.length === 0) return null;
  if (type === 'sweep') return <SweepTrials shown={shown} trials={children} />;
  return (
    <Block title="Child runs">
      <JobTable scope={scope} label="Child runs" rows={children} />
    </Block>
  );
}
