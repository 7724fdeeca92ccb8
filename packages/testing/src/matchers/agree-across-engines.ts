import { engines, run, type Approximation, type Estimate, type Target } from '@postulate/inference';
import { named, targetsOf, type Matched } from './support.ts';

export interface AgreementOfEngines {
  /** Default: all that can run the posterior and aim at it. */
  readonly engines?: readonly string[];
  /** Draws of each; default 2000. */
  readonly draws?: number;
  readonly seed?: string;
  /** Standard errors that figures may be apart; default 5.5, which chance exceeds about once in 26 million. */
  readonly standardErrors?: number;
}

/** Engines whose own law is not the posterior. */
const ELSEWHERE: ReadonlySet<string> = new Set(['auto', 'best-of-n', 'weighted-decoding', 'pplm', 'rl', 'qrs']);

function able(target: Target, wanted: readonly string[] | undefined): readonly string[] {
  const names = engines.filter((e) => e.fitness(target).fits).map((e) => e.name);
  return names.filter((n) => (wanted === undefined ? !ELSEWHERE.has(n) : wanted.includes(n)));
}

function apart(a: Estimate | null | undefined, b: Estimate | null | undefined): number {
  if (!a || !b || a.standardError === null || b.standardError === null) return 0;
  const difference = Math.abs(a.value - b.value);
  const error = Math.hypot(a.standardError, b.standardError);
  const rounding = 1e-9 * Math.max(1, Math.abs(a.value));
  return difference <= rounding ? 0 : difference / Math.max(error, rounding / 10);
}

function disagreements(x: Approximation, y: Approximation, most: number): readonly string[] {
  const figures = [...new Set([...Object.keys(x.expectations), ...Object.keys(y.expectations)])];
  const pairs = [
    ['log Z', x.logZ?.kind === 'lower bound' || y.logZ?.kind === 'lower bound' ? null : x.logZ, y.logZ] as const,
    ...figures.map((name) => [`E(${name})`, x.expectations[name], y.expectations[name]] as const),
  ];
  return pairs.flatMap(([name, a, b]) => {
    const d = apart(a, b);
    return d > most ? [`${name} is ${a!.value} by ${x.engine} and ${b!.value} by ${y.engine}: ${d.toFixed(1)} standard errors apart`] : []; // prettier-ignore
  });
}

/**
 * Runs every engine that can run the posterior, and holds their log Z and expectations against each other. Runs whose own
 * verdict is not `ok` are left out; at least two must be left.
 */
export async function toAgreeAcrossEngines(received: unknown, options: AgreementOfEngines = {}): Promise<Matched> {
  const { draws = 2000, seed = '0', standardErrors = 5.5 } = options;
  const found: string[] = [];
  for (const target of await targetsOf(received)) {
    const runs: Approximation[] = [];
    for (const engine of able(target, options.engines)) {
      const result = await run(target, { engine, draws, seed });
      if (result.diagnostics.verdict === 'ok') runs.push(result);
    }
    if (runs.length < 2) found.push(`${named(target)}: fewer than two engines gave an answer to trust`);
    runs.forEach((x, i) => {
      for (const y of runs.slice(i + 1)) found.push(...disagreements(x, y, standardErrors).map((d) => `${named(target)}: ${d}`)); // prettier-ignore
    });
  }
  const message = () => (found.length === 0 ? 'expected engines to disagree' : `expected engines to agree:\n${found.join('\n')}`); // prettier-ignore
  return { pass: found.length === 0, message };
}
