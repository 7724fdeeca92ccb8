import {
  arithmeticRange,
  compareRanges,
  functionRange,
  negateRange,
  range,
  unionRange,
  type Claim,
  type Decision,
  type Range,
} from '@postulate/graph';

/** Where each quantity of a claim lies. */
export type Known = (leaf: Claim) => Range;

const not = (d: Decision): Decision => (d === undefined ? undefined : !d);

function all(parts: readonly Decision[]): Decision {
  if (parts.includes(false)) return false;
  return parts.every((d) => d === true) ? true : undefined;
}

/** Where a number of the claim lies when its quantities lie where they are known to. */
function numberRange(c: Claim, known: Known): Range {
  const of = (part: Claim): Range => numberRange(part, known);
  switch (c.kind) {
    case 'number':
      return range(c.value, c.value, false, false);
    case 'arithmetic':
      return arithmeticRange(c.op, of(c.left), of(c.right));
    case 'negate':
      return negateRange(of(c.of));
    case 'apply':
      return functionRange(c.fn, c.args.map(of));
    case 'choose': {
      const d = decideClaim(c.condition, known);
      return d === undefined ? unionRange(of(c.then), of(c.else)) : of(d ? c.then : c.else);
    }
    default:
      return known(c);
  }
}

/** Whether a claim holds wherever its quantities may lie, or nowhere, or neither is certain: sound, not tight. */
export function decideClaim(c: Claim, known: Known): Decision {
  const of = (part: Claim): Decision => decideClaim(part, known);
  switch (c.kind) {
    case 'boolean':
      return c.value;
    case 'compare':
      return compareRanges(c.op, numberRange(c.left, known), numberRange(c.right, known));
    case 'not':
      return not(of(c.of));
    case 'and':
      return all(c.of.map(of));
    case 'or':
      return not(all(c.of.map((p) => not(of(p)))));
    case 'implies':
      return not(all([of(c.left), not(of(c.right))]));
    case 'choose': {
      const d = of(c.condition);
      if (d !== undefined) return of(d ? c.then : c.else);
      const [a, b] = [of(c.then), of(c.else)];
      return a === b ? a : undefined;
    }
    default:
      return undefined;
  }
}
