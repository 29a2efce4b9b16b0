/** So much of a log is kept on the page; more makes a browser slow and is read in the file. */
const MOST_CHARACTERS = 600_000;
/** Within so many pixels of the end the end is followed. */
const NEAR = 40;

/** `<live-log>`: text that grows, its end in view until somebody scrolls away. */
export class LiveLog extends HTMLElement {
  #pre: HTMLPreElement | undefined;
  #note: HTMLElement | undefined;
  #follow: HTMLButtonElement | undefined;
  #skipped = 0;
  #cut = false;

  connectedCallback(): void {
    this.reset();
  }

  /** Empty again, as before a log is sent anew. */
  reset(): void {
    this.#skipped = 0;
    this.#cut = false;
    this.#note = Object.assign(document.createElement('p'), { className: 'faint', hidden: true });
    this.#pre = Object.assign(document.createElement('pre'), { tabIndex: 0 });
    this.#pre.setAttribute('role', 'log');
    this.#pre.setAttribute('aria-live', 'off');
    this.#pre.setAttribute('aria-label', 'Log');
    this.#pre.dataset['empty'] = this.hasAttribute('end')
      ? 'The log is empty.'
      : 'Waiting for the first line …';
    this.#follow = Object.assign(document.createElement('button'), {
      type: 'button',
      textContent: 'To the end',
      className: 'follow',
      hidden: true,
    });
    this.#follow.addEventListener('click', () => {
      this.#toEnd();
    });
    this.#pre.addEventListener('scroll', () => {
      if (this.#follow !== undefined) this.#follow.hidden = this.#isAtEnd();
    });
    this.replaceChildren(this.#note, this.#pre, this.#follow);
  }

  add({ text, skipped = 0 }: { readonly text: string; readonly skipped?: number }): void {
    const pre = this.#pre;
    if (pre === undefined) return;
    const follows = this.#isAtEnd();
    if (skipped > 0) {
      pre.textContent = '';
      this.#skipped += skipped;
    }
    pre.append(text);
    if (pre.textContent.length > MOST_CHARACTERS) {
      const kept = pre.textContent.slice(-MOST_CHARACTERS / 2);
      pre.textContent = kept.slice(kept.indexOf('\n') + 1);
      this.#cut = true;
    }
    this.#tellWhatIsMissing();
    if (follows) this.#toEnd();
    else if (this.#follow !== undefined) this.#follow.hidden = false;
  }

  #tellWhatIsMissing(): void {
    if (this.#note === undefined || (this.#skipped === 0 && !this.#cut)) return;
    const size = this.#skipped === 0 ? 'Its beginning' : `${(this.#skipped / 1e6).toFixed(1)} MB before this`;
    this.#note.textContent = `${size} is left out here: the full log has all of it.`;
    this.#note.hidden = false;
  }

  #isAtEnd(): boolean {
    const pre = this.#pre;
    return pre === undefined || pre.scrollHeight - pre.scrollTop - pre.clientHeight < NEAR;
  }

  #toEnd(): void {
    if (this.#pre !== undefined) this.#pre.scrollTop = this.#pre.scrollHeight;
  }
}
