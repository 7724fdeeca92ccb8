import fc from 'fast-check';

/** Expressions that are mostly well typed, so that checking goes deep; a few are wrong on purpose. */
interface Layers {
  readonly score: string;
  readonly event: string;
  readonly random: string;
  readonly distribution: string;
}

const number = fc.constantFrom('0', '1', '0.5', '2', 'beta', '-1', 'inf', '(2 * beta)');
const text = fc.constantFrom('"a"', '"lovely day"', 'r"x"');

const { score, event, random, distribution } = fc.letrec<Layers>((tie) => ({
  score: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom('length', 'words', 'sentiment', 'reward', 'distinct(2)'),
    number,
    text.map((t) => `count(${t})`),
    fc
      .tuple(tie('score'), fc.constantFrom('+', '-', '*', '/', '^'), tie('score'))
      .map(([a, op, b]) => `(${a} ${op} ${b})`),
    fc
      .tuple(fc.constantFrom('exp', 'log', 'sqrt', 'abs', 'sigmoid', 'twice', 'optimality'), tie('score'))
      .map(([f, a]) => `${f}(${a})`),
    fc.tuple(tie('event'), tie('score'), tie('score')).map(([e, a, b]) => `(if ${e} then ${a} else ${b})`),
    tie('event').map((e) => `indicator(${e})`),
    fc.tuple(fc.constantFrom('mean', 'sd'), tie('random')).map(([f, r]) => `${f}(${r})`),
    tie('distribution').map((d) => `log_prob(${d})`),
    fc.tuple(tie('score'), tie('score')).map(([a, b]) => `max(${a}, ${b})`),
  ),
  event: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom('finished', 'noCurse', 'true'),
    text.map((t) => `contains(${t})`),
    fc
      .tuple(tie('score'), fc.constantFrom('<', '>=', '==', '!='), tie('score'))
      .map(([a, op, b]) => `(${a} ${op} ${b})`),
    fc
      .tuple(tie('event'), fc.constantFrom('and', 'or', 'implies'), tie('event'))
      .map(([a, op, b]) => `(${a} ${op} ${b})`),
    tie('event').map((e) => `(not ${e})`),
  ),
  random: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constant('votes'),
    fc.tuple(tie('score'), tie('score')).map(([a, b]) => `ensemble(${a}, ${b})`),
    fc.tuple(tie('score'), tie('score')).map(([m, s]) => `gaussian(mean = ${m}, sd = ${s})`),
    fc.tuple(tie('random'), fc.constantFrom('+', '-', '*', '/'), tie('score')).map(([r, op, s]) => `(${r} ${op} ${s})`),
    tie('random').map((r) => `exp(${r})`),
  ),
  distribution: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom('prior', 'other'),
    fc
      .tuple(tie('distribution'), fc.constantFrom('*', '/', '^'), tie('score'))
      .map(([d, op, s]) => `(${d} ${op} ${s})`),
    fc.tuple(tie('distribution'), tie('event')).map(([d, e]) => `(${d} | ${e})`),
    fc.tuple(tie('distribution'), tie('distribution')).map(([a, b]) => `(${a} * ${b})`),
    fc
      .tuple(tie('distribution'), tie('event'), number)
      .map(([d, e, v]) => `(${d} subject to { P(${e}) = ${v}, E(length) <= ${v} })`),
    fc.tuple(tie('distribution'), tie('distribution')).map(([a, b]) => `mixture(${a}, ${b}, weights = [1, beta])`),
  ),
}));

const PRELUDE = `prior = tabular({ "a": 1, "lovely day": 2 })
other = tabular({ "a": 3, "lovely day": 1 })
param beta = 0.5 in (0, inf)
reward = count("a") - 0.1 * length
noCurse = not contains("damn")
votes = ensemble(length, words)
twice(s) = s + s
`;

const statement = fc.oneof(
  score.map((e) => (i: number) => `s${i} = ${e}`),
  event.map((e) => (i: number) => `e${i} = ${e}`),
  random.map((e) => (i: number) => `r${i} = ${e}`),
  distribution.map((e) => (i: number) => `d${i} = ${e}`),
  fc.tuple(score, distribution).map(
    ([s, d]) =>
      (i: number) =>
        `property "p${i}": forall x: E(${s} | ${d}) > ratio(${d}, x)`,
  ),
);

/** Whole programs of such expressions. */
export const mostlyTyped: fc.Arbitrary<string> = fc
  .array(statement, { minLength: 1, maxLength: 6 })
  .map((all) => PRELUDE + all.map((make, i) => make(i)).join('\n'));
