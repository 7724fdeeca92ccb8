import fc from 'fast-check';

/** A program with one posterior, and what it must answer, worked out by listing every text. */
export interface RandomPosterior {
  /** A `.post` file whose only posterior is `posterior`; `size` is its score `length`. */
  readonly source: string;
  /** Natural log of the normaliser. */
  readonly logZ: number;
  /** E(length | posterior). */
  readonly meanLength: number;
  /** Of every text, summed over the ways it can end. */
  readonly probabilities: ReadonlyMap<string, number>;
}

interface Text {
  readonly text: string;
  readonly finished: boolean;
}

/** A factor, as the language writes it and as it is computed here, without any of the product's own code. */
interface Factor {
  readonly source: string;
  readonly weight: (t: Text) => number;
}

interface Event {
  readonly source: string;
  readonly holds: (t: Text) => boolean;
}

interface Chain {
  readonly letters: readonly string[];
  readonly maxTokens: number;
  /** Rows of whole-number weights: start first, then one a letter; the last column is the end. */
  readonly rows: readonly (readonly number[])[];
}

const occurrences = (text: string, needle: string): number => text.split(needle).length - 1;

function chains(): fc.Arbitrary<Chain> {
  return fc
    .record({ size: fc.integer({ min: 1, max: 3 }), maxTokens: fc.integer({ min: 1, max: 4 }) })
    .chain(({ size, maxTokens }) =>
      fc
        .array(fc.array(fc.nat(4), { minLength: size + 1, maxLength: size + 1 }), {
          minLength: size + 1,
          maxLength: size + 1,
        })
        .filter((rows) => rows.every((r) => r.some((w) => w > 0)))
        .map((rows) => ({ letters: ['a', 'b', 'c'].slice(0, size), maxTokens, rows })),
    );
}

/** Probabilities with a power of two below, so that what is written is what is meant. */
function probabilities(row: readonly number[]): readonly number[] {
  const total = row.reduce((a, b) => a + b, 0);
  return row.map((w) => w / total);
}

function chainSource({ letters, maxTokens, rows }: Chain): string {
  const names = ['^', ...letters];
  const lines = rows.map((row, i) => {
    const entries = probabilities(row).flatMap((p, j) =>
      p === 0 ? [] : [`${JSON.stringify(j < letters.length ? letters[j] : '$')}: ${p}`],
    );
    return `${JSON.stringify(names[i])}: {${entries.join(', ')}}`;
  });
  return `bigram({${lines.join(', ')}}, max_tokens = ${maxTokens})`;
}

function* listed({ letters, maxTokens, rows }: Chain): Iterable<Text & { readonly p: number }> {
  const all = rows.map(probabilities);
  const stack = [{ text: '', p: 1, row: 0 }];
  for (let next = stack.pop(); next; next = stack.pop()) {
    const { text, p, row } = next;
    if (p === 0) continue;
    if (text.length === maxTokens) {
      yield { text, p, finished: false };
      continue;
    }
    yield { text, p: p * all[row][letters.length], finished: true };
    letters.forEach((l, j) => stack.push({ text: text + l, p: p * all[row][j], row: j + 1 }));
  }
}

const needle = fc.constantFrom('a', 'b', 'ab', 'aa', 'ba');

const simpleEvent: fc.Arbitrary<Event> = fc.oneof(
  needle.map((n): Event => ({ source: `contains("${n}")`, holds: ({ text }) => text.includes(n) })),
  needle.map((n): Event => ({ source: `starts_with("${n}")`, holds: ({ text }) => text.startsWith(n) })),
  needle.map((n): Event => ({ source: `ends_with("${n}")`, holds: ({ text }) => text.endsWith(n) })),
  fc.nat(3).map((n): Event => ({ source: `length <= ${n}`, holds: ({ text }) => text.length <= n })),
  fc.constant<Event>({ source: 'finished', holds: ({ finished }) => finished }),
);

const event: fc.Arbitrary<Event> = fc.letrec<{ event: Event }>((tie) => ({
  event: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    simpleEvent,
    tie('event').map((e): Event => ({ source: `not (${e.source})`, holds: (t) => !e.holds(t) })),
    fc
      .tuple(tie('event'), tie('event'))
      .map(([a, b]): Event => ({ source: `(${a.source}) and (${b.source})`, holds: (t) => a.holds(t) && b.holds(t) })),
    fc
      .tuple(tie('event'), tie('event'))
      .map(([a, b]): Event => ({ source: `(${a.source}) or (${b.source})`, holds: (t) => a.holds(t) || b.holds(t) })),
  ),
})).event;

const factor: fc.Arbitrary<Factor> = fc.oneof(
  event.map((e): Factor => ({ source: `indicator(${e.source})`, weight: (t) => (e.holds(t) ? 1 : 0) })),
  fc.tuple(needle, fc.integer({ min: -4, max: 4 })).map(([n, k]): Factor => {
    return { source: `exp(${k / 2} * count("${n}"))`, weight: ({ text }) => Math.exp((k / 2) * occurrences(text, n)) };
  }),
  fc.tuple(event, fc.integer({ min: 1, max: 3 })).map(([e, k]): Factor => ({
    source: `exp(-${k} * indicator(not (${e.source})))`,
    weight: (t) => (e.holds(t) ? 1 : Math.exp(-k)),
  })),
);

function answer(chain: Chain, factors: readonly Factor[]): RandomPosterior | undefined {
  const weights = new Map<string, number>();
  let [z, length] = [0, 0];
  for (const t of listed(chain)) {
    const weight = t.p * factors.reduce((w, f) => w * f.weight(t), 1);
    if (weight === 0) continue;
    weights.set(t.text, (weights.get(t.text) ?? 0) + weight);
    z += weight;
    length += weight * t.text.length;
  }
  if (z === 0) return undefined;
  const product = ['prior', ...factors.map((f) => f.source)].join(' * ');
  return {
    source: `prior = ${chainSource(chain)}\nsize = length\nposterior = ${product}\n`,
    logZ: Math.log(z),
    meanLength: length / z,
    probabilities: new Map([...weights].map(([text, w]) => [text, w / z])),
  };
}

/** Random well-typed programs of one posterior over short texts of a, b and c, with their exact answers. */
export function posteriors(): fc.Arbitrary<RandomPosterior> {
  return fc
    .tuple(chains(), fc.array(factor, { minLength: 1, maxLength: 3 }))
    .map(([chain, factors]) => answer(chain, factors))
    .filter((p) => p !== undefined);
}
