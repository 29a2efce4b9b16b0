import { getExternalWorkflowHandle } from '@temporalio/workflow';

/** Sends a signal many times from a workflow, as a person may do who cannot sign in as an approver. */
export async function forward(workflowId: string, signal: string, times: number): Promise<void> {
  const target = getExternalWorkflowHandle(workflowId);
  await Promise.all(Array.from({ length: times }, () => target.signal(signal)));
}
