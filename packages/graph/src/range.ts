/**
 * An interval of extended reals. Scores never take NaN; `loOpen` (`hiOpen`) says that the end itself is not reached.
 * Ends are plain doubles, not rounded outward: an engine that compares against a bound adds its own slack.
 */
export interface Range {
  readonly lo: number;
  readonly hi: number;
  readonly loOpen: boolean;
  readonly hiOpen: boolean;
}
