import type { Chooser, LanguageModel, TokenMachine } from '@postulate/models';
import { andThen } from '../bind/maybe.ts';
import { isMachine } from '../machine/index.ts';
import type { Factor } from '../port/index.ts';
import { openRows, type TokenRows } from '../rows/index.ts';
import { pendingTokens } from '../smc/pending.ts';
import type { Extended, Extension, ExtensionSession } from '../smc/extension.ts';
import type { Viability } from '../viability/index.ts';
import { lawOfRow, type LawOfRow } from './law-of-row.ts';
import { PartialScores } from './partial-scores.ts';
import type { RestrictedOptions, RestrictedSampler } from './restricted.ts';
import { Verdicts } from './verdicts.ts';

export interface AwrsParts extends RestrictedOptions {
  readonly prior: LanguageModel;
  /** What is drawn from, where it is not the prior. */
  readonly proposal?: LanguageModel | undefined;
  readonly viability: Viability;
  readonly sampler: RestrictedSampler;
  /** Keep verdicts, and leave out tokens known to be forbidden before drawing. */
  readonly remember: boolean;
  /** Machines of log factors whose partial sums steer the particles. */
  readonly scores: readonly TokenMachine[];
}

/** Machines of those factors that are no events and add up along a text: what they have put out so far is a prefix score. */
export function scoreMachines(factors: readonly Factor[]): readonly TokenMachine[] {
  return factors
    .filter((f) => !f.capabilities.has('boolean'))
    .map((f) => f.machine())
    .filter(isMachine)
    .filter((m) => m.output !== undefined);
}

/** Draws from the law of a row restricted to the tokens whose prefix stays alive, and scores the prefix. */
class AwrsSession implements ExtensionSession {
  private readonly verdicts: Verdicts;
  private readonly scores: PartialScores;
  private readonly rows: TokenRows;
  private readonly priorRows: TokenRows | undefined;
  private readonly law: LawOfRow;
  private readonly pending: ReturnType<typeof pendingTokens>;
  private states: Int32Array;
  private position = 0;
  private modelCalls = 0;

  constructor(
    private readonly parts: AwrsParts,
    private readonly size: number,
  ) {
    const { prior, proposal = prior, viability, scores } = parts;
    this.rows = openRows(proposal, size);
    this.priorRows = proposal === prior ? undefined : openRows(prior, size);
    this.pending = pendingTokens(this.priorRows === undefined ? [this.rows] : [this.rows, this.priorRows]);
    this.law = lawOfRow(proposal, this.rows);
    this.verdicts = new Verdicts(viability, parts.remember);
    this.scores = new PartialScores(scores, size);
    this.states = new Int32Array(size).fill(viability.machine.start);
  }

  get cost() {
    const { asked, tested } = this.verdicts;
    return { modelCalls: this.modelCalls, constraintCalls: tested, constraintQuestions: asked };
  }

  extend(live: Uint8Array, choosers: (row: number) => Chooser, out: Extended) {
    return andThen(this.pending.settle(), () => {
      for (let i = 0; i < this.size; i++) {
        if (live[i] === 0) continue;
        this.drawToken(i, choosers(i), out);
        this.follow(i, out);
      }
      this.position++;
      this.pending.drawn(live, out.tokens);
    });
  }

  reorder(ancestors: Int32Array): void {
    const { states } = this;
    this.states = Int32Array.from(ancestors, (a) => states[a]);
    this.scores.reorder(ancestors);
    this.pending.reorder(ancestors);
  }

  private drawToken(row: number, chooser: Chooser, out: Extended): void {
    const { parts, rows, priorRows, verdicts } = this;
    this.modelCalls++;
    verdicts.at(this.position, this.states[row]);
    const law = this.law(row, verdicts.knownForbidden, verdicts.costly);
    const before = verdicts.asked;
    const { token, mass } = parts.sampler(law, verdicts.ok, parts, chooser);
    verdicts.took(verdicts.asked - before);
    const logProposal = token < 0 ? -Infinity : rows.logProb(row, token);
    out.tokens[row] = token;
    out.logPrior[row] = token < 0 || priorRows === undefined ? logProposal : priorRows.logProb(row, token);
    out.logRatio[row] = token < 0 ? -Infinity : Math.log(mass) + out.logPrior[row] - logProposal;
  }

  /** Moves a row's automata on. */
  private follow(row: number, out: Extended): void {
    const { machine } = this.parts.viability;
    const token = out.tokens[row];
    if (token >= 0 && token < machine.vocabularySize) {
      this.states[row] = machine.next[this.states[row] * machine.classes + machine.classOf[token]];
      this.scores.advance(row, token);
    }
    const complete = token === machine.vocabularySize || this.position + 1 === this.parts.prior.maxTokens;
    out.logTwist[row] = token < 0 || complete ? 0 : this.scores.sums[row];
  }
}

/**
 * Extends particles by adaptive weighted rejection sampling: the next token comes from the prior, or from a proposal,
 * restricted to the tokens after which an allowed text is still possible, and the particle's weight gains an unbiased
 * estimate of the mass of those. The end of sequence is a token like the others. Partial sums of additive factors are
 * the prefix score ψ.
 *
 * What one particle has learnt the next ones start from: tokens known to be forbidden are left out at once, and their
 * mass is then known instead of estimated. Given what came before each draw is properly weighted all the same.
 */
export function awrsExtension(parts: AwrsParts): Extension {
  return {
    name: 'adaptive rejection',
    blame: parts.viability.factors.map((f) => f.label).join(', '),
    open: (size) => new AwrsSession(parts, size),
  };
}
