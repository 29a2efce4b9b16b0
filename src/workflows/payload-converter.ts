import { DefaultPayloadConverter, type PayloadConverter } from '@temporalio/common';
import { unreadable } from '../domain/decision.js';

const strict = new DefaultPayloadConverter();

/**
 * Anybody who may signal can send bytes that are no JSON (the Temporal UI submits what it has flagged as invalid). Left
 * to the default converter such a signal fails the workflow task, again and again, and the workflow stands still for
 * good. Here it arrives as a payload that says nothing, which every handler has to stand anyway.
 *
 * The name is the SDK's: the bundler and the worker take this file's path as `payloadConverterPath`.
 */
export const payloadConverter: PayloadConverter = {
  toPayload: (value) => strict.toPayload(value),
  fromPayload: (payload) => {
    try {
      return strict.fromPayload(payload);
    } catch {
      return unreadable as never;
    }
  },
};
