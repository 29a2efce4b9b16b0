import { defineQuery, defineSignal } from '@temporalio/workflow';
import type { Newer } from '../domain/concurrency.js';
import type { ApprovalRecord } from '../domain/approval-record.js';
import type { Release } from '../domain/release.js';
import {
  type Breach,
  type ChildBlocked,
  type EndpointStatus,
  type LifecycleStatus,
  messages,
  type ReleaseReport,
} from './messages.js';

/** Typed definitions of the messages that the workflows handle. */
export const retrySignal = defineSignal(messages.retry);
export const commentSignal = defineSignal<[unknown?]>(messages.comment);
export const supersededSignal = defineSignal<[Newer]>(messages.superseded);
export const releaseSignal = defineSignal<[ReleaseReport]>(messages.release);
export const childSignal = defineSignal<[ChildBlocked]>(messages.child);
export const requestSignal = defineSignal<[Release]>(messages.request);
export const proceedSignal = defineSignal<[{ releaseId: string }]>(messages.proceed);
export const withdrawSignal = defineSignal<[{ releaseId: string; reason: string }]>(messages.withdraw);
export const breachSignal = defineSignal<[Breach]>(messages.breach);
export const approvalsQuery = defineQuery<readonly ApprovalRecord[]>(messages.approvals);
export const lifecycleStatusQuery = defineQuery<LifecycleStatus>(messages.status);
export const endpointStatusQuery = defineQuery<EndpointStatus>(messages.status);
