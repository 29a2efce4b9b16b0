import { getEventListeners } from 'node:events';
import { describe, expect, it } from 'vitest';
import { Instance } from '../../src/scoring/instance.js';
import type { InstanceOptions } from '../../src/scoring/instance.js';
import { Slots } from '../../src/scoring/slots.js';

class Ready extends Instance {
  override get ready(): boolean {
    return true;
  }
}

const one = () => new Ready({} as InstanceOptions);
const waitingOn = (signal: AbortSignal) => getEventListeners(signal, 'abort').length;

describe('slots of a deployment', () => {
  it('leave nothing on the signal of a request that was served', async () => {
    const slots = new Slots([one()], 1);
    const { signal } = new AbortController();
    const first = await slots.take(signal);
    const others = [slots.take(signal), slots.take(signal)];
    expect([waitingOn(signal), slots.busy]).toEqual([2, 3]);
    slots.giveBack(first);
    slots.giveBack(await (others[0] ?? first));
    await Promise.all(others);
    expect([waitingOn(signal), slots.busy]).toEqual([0, 1]);
  });

  it('let go of who gives up, with its reason, and of all when they close', async () => {
    const slots = new Slots([], 1);
    const gaveUp = new AbortController();
    const patient = new AbortController();
    const impatient = slots.take(gaveUp.signal);
    const stays = slots.take(patient.signal);
    gaveUp.abort(new Error('too long'));
    await expect(impatient).rejects.toThrow('too long');
    slots.close(new Error('gone'));
    await expect(stays).rejects.toThrow('gone');
    expect([waitingOn(gaveUp.signal), waitingOn(patient.signal), slots.busy]).toEqual([0, 0, 0]);
  });

  it('take nobody in line whose time is over already', async () => {
    const slots = new Slots([], 1);
    await expect(slots.take(AbortSignal.abort(new Error('too late')))).rejects.toThrow('too late');
    expect(slots.busy).toBe(0);
  });
});
