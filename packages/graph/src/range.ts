/**
 * An interval of extended reals. Scores never take NaN; `loOpen` (`hiOpen`) says that the end itself is not
 * reached. Outward rounding: arithmetic widens each computed finite end by at most one unit in the last place
 * is *not* done; ends are computed in double precision and engines that rely on a bound add their own slack.
 */
export interface Range {
  readonly lo: number;
  readonly hi: number;
  readonly loOpen: boolean;
  readonly hiOpen: boolean;
}
