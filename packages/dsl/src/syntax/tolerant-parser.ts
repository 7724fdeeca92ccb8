import { EmbeddedActionsParser, EOF, isRecognitionException } from 'chevrotain';
import type { IToken, ParserMethod, TokenType } from 'chevrotain';
import { complain } from './complain.ts';
import { plainExpectations } from './expectations.ts';
import type { Reporter } from './reporter.ts';
import type { Window } from './token-trees.ts';
import * as T from './tokens.ts';

interface State {
  readonly reporter: Reporter;
  readonly jobs: Job[];
  window: Window;
  /** Where the last complaint was. */
  lastPlace: IToken | Window | undefined;
}

/** The inside of a bracket, read after what surrounds it: so no depth of nesting can exhaust the stack. */
interface Job {
  readonly window: Window;
  readonly read: () => void;
}

/**
 * Recovery by our own hand: a part that cannot be read is reported once, replaced and skipped up to where the next part
 * can start. Chevrotain's own resynchronisation looks for any token that may follow, and here a name may follow nearly
 * everything.
 */
export abstract class TolerantParser extends EmbeddedActionsParser {
  #state: State | undefined;

  constructor() {
    super(T.ALL_TOKENS, {
      recoveryEnabled: false,
      maxLookahead: 2,
      skipValidations: true,
      errorMessageProvider: plainExpectations,
    });
  }

  protected get state(): State {
    if (this.#state === undefined) throw new Error('the grammar reads only inside `readAll`');
    return this.#state;
  }

  /** Reads a window and all that it defers. */
  protected readAll(window: Window, reporter: Reporter, read: () => void): void {
    const jobs: Job[] = [{ window, read }];
    this.#state = { reporter, jobs, window, lastPlace: undefined };
    for (let job = jobs.pop(); job !== undefined; job = jobs.pop()) {
      this.#state.window = job.window;
      this.#state.lastPlace = undefined;
      this.input = job.window.items as IToken[];
      job.read();
    }
    this.#state = undefined;
  }

  /** Was something wrong in the window being read? */
  protected get complained(): boolean {
    return this.state.lastPlace !== undefined;
  }

  protected later(window: Window, read: () => void): void {
    this.state.jobs.push({ window, read });
  }

  /** Says what was expected at the next token; once for each place. */
  protected complain(expected: string): void {
    const { state } = this;
    const token = this.LA(1);
    const place = token.tokenType === EOF ? state.window : token;
    if (place === state.lastPlace) return;
    state.lastPlace = place;
    complain(state.reporter, { expected, token, previous: this.LA(0), window: state.window });
  }

  /** Reads a part; where that fails, reports it and skips to one of `stops` or the end. */
  protected part<V>(read: () => V, fallback: () => V, stops: readonly TokenType[], expectedAfter: string): V {
    if (this.RECORDING_PHASE) return read();
    let value: V;
    try {
      value = read();
    } catch (error) {
      if (!isRecognitionException(error as Error)) throw error;
      this.complain((error as Error).message);
      this.#skipTo(stops);
      return fallback();
    }
    if (!this.#at(stops)) {
      this.complain(expectedAfter);
      this.#skipTo(stops);
    }
    return value;
  }

  /** Reads `rule { "," rule }`; an item that cannot be read is left out unless there is a stand-in for it. */
  protected commaSeparated<V>(rule: ParserMethod<[], V>, items: V[], after: string, standIn?: () => V): void {
    const add = (read: () => V): void => {
      const item = this.part<V | undefined>(read, () => standIn?.(), [T.Comma], after);
      this.ACTION(() => item !== undefined && items.push(item));
    };
    add(() => this.SUBRULE(rule));
    this.MANY(() => {
      this.CONSUME(T.Comma);
      add(() => this.SUBRULE1(rule));
    });
  }

  /** Consumes a mark; where it is missing says so and goes on as if it stood there. */
  protected expect(type: TokenType, insteadOf: readonly TokenType[] = []): void {
    if (this.RECORDING_PHASE || this.LA(1).tokenType === type) {
      this.CONSUME(type);
      return;
    }
    this.complain(type.LABEL ?? type.name);
    if (insteadOf.includes(this.LA(1).tokenType)) this.SKIP_TOKEN();
  }

  #at(stops: readonly TokenType[]): boolean {
    const { tokenType } = this.LA(1);
    return tokenType === EOF || stops.includes(tokenType);
  }

  #skipTo(stops: readonly TokenType[]): void {
    while (!this.#at(stops)) this.SKIP_TOKEN();
  }
}
