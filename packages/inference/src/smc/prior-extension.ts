import type { LanguageModel } from '@postulate/models';
import type { Extension } from './extension.ts';
import { proposalExtension } from './proposal-extension.ts';

/** Draws the next token from the prior: the bootstrap filter (Gordon, Salmond & Smith 1993). Every prefix counts alike. */
export const priorExtension = (prior: LanguageModel): Extension => proposalExtension(prior, undefined);
