/** A program that ended before it served anybody. */
export class EndedEarly extends Error {
  constructor(program: string, log: string) {
    super(`${program} ended before it served: ${log}`);
  }
}

const attempts = 3;

/**
 * Starts a program anew when it ended before it served. Ports are chosen first and taken later, those of a Temporal
 * server's inner services by itself; meanwhile any outgoing connection of the machine may be given one of them.
 */
export async function startedAgain<T>(start: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await start();
    } catch (error) {
      if (!(error instanceof EndedEarly) || attempt === attempts) throw error;
    }
  }
}
