/** Does each piece of work once: whoever asks for the same key again gets the same answer. */
export function remembering() {
  const known = new Map<string, Promise<unknown>>();
  return <T>(key: string, work: () => Promise<T>): Promise<T> => {
    const found = known.get(key) as Promise<T> | undefined;
    if (found !== undefined) return found;
    const doing = work();
    known.set(key, doing);
    return doing;
  };
}
