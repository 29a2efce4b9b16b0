/** One thing that the files leave open. */
export interface Choice {
  readonly question: string;
  /** Best first. */
  readonly options: readonly { readonly value: string; readonly name: string }[];
}

export interface OpenText {
  readonly question: string;
  readonly usual: string;
  /** What is wrong with an answer; undefined when it will do. */
  readonly check?: (text: string) => string | undefined;
}

/** Somebody who can be asked, or who always takes what is usual. */
export interface Asker {
  /** Whether the answers are a person's. */
  readonly person: boolean;
  choose(choice: Choice): Promise<string>;
  text(open: OpenText): Promise<string>;
  confirm(question: string, usual: boolean): Promise<boolean>;
}

/** Takes the first option and the usual text. */
export const usualAnswers: Asker = {
  person: false,
  choose: ({ options }) => Promise.resolve(options[0]?.value ?? ''),
  text: ({ usual }) => Promise.resolve(usual),
  confirm: (_question, usual) => Promise.resolve(usual),
};

/** Asks at the terminal. */
export async function terminalAsker(): Promise<Asker> {
  const [{ default: select }, { default: input }, { default: confirm }] = await Promise.all([
    import('@inquirer/select'),
    import('@inquirer/input'),
    import('@inquirer/confirm'),
  ]);
  return {
    person: true,
    choose: ({ question, options }) => select({ message: question, choices: [...options] }),
    text: ({ question, usual, check }) =>
      input({ message: question, default: usual, validate: (text) => check?.(text) ?? true }),
    confirm: (question, usual) => confirm({ message: question, default: usual }),
  };
}
