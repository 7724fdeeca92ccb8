import type { IParserErrorMessageProvider } from 'chevrotain';

/** Chevrotain is asked only what was expected; `complain.ts` makes the sentence. */
export const plainExpectations: IParserErrorMessageProvider = {
  buildMismatchTokenMessage: ({ expected }) => expected.LABEL ?? expected.name,
  buildNoViableAltMessage: ({ customUserDescription }) => customUserDescription ?? 'something else',
  buildEarlyExitMessage: ({ customUserDescription }) => customUserDescription ?? 'something else',
  buildNotAllInputParsedMessage: () => 'an operator',
};
