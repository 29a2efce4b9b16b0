import { DefaultPayloadConverter, type Payload, type PayloadConverter } from '@temporalio/common';

/**
 * Anybody who may signal can send bytes that are no JSON (the Temporal UI submits what it has flagged as invalid). Left
 * to the default converter such a signal fails the workflow task, again and again, and the workflow stands still for
 * good. Here it arrives as a signal without payload, which every handler has to stand anyway.
 */
class LenientPayloadConverter implements PayloadConverter {
  private readonly strict = new DefaultPayloadConverter();

  toPayload<T>(value: T): Payload {
    return this.strict.toPayload(value);
  }

  fromPayload<T>(payload: Payload): T {
    try {
      return this.strict.fromPayload<T>(payload);
    } catch {
      return undefined as T;
    }
  }
}

/** Found by this name: the worker and the bundler take the file's path as `payloadConverterPath`. */
export const payloadConverter = new LenientPayloadConverter();
