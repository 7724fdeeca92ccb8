import { maximise } from './simplex.ts';

/** One moment to hold: E(f) `relation` value, or P(f) for an event. */
export interface MomentGoal {
  readonly name: string;
  readonly kind: 'score' | 'event';
  readonly relation: '=' | '<=' | '>=';
  readonly value: number;
}

/** Which moments cannot be had, in words that say what can. */
export interface OutOfReach {
  readonly index: number;
  readonly message: string;
}

/**
 * Whether some distribution with mass on every point meets the goals: exactly then a finite λ exists. `points` is
 * row-major, one column per goal, and has at least one row.
 */
export function checkReach(points: Float64Array, goals: readonly MomentGoal[]): OutOfReach | undefined {
  const k = goals.length;
  const distinct = distinctRows(points, k);
  for (const [i, goal] of goals.entries()) {
    const [low, high] = extremes(distinct, i);
    if (low === -Infinity) return { index: i, message: `${mean(goal)} is -inf: the function takes the value -inf` };
    const inside =
      low === high
        ? meets(low, goal)
        : (goal.relation === '>=' || goal.value > low) && (goal.relation === '<=' || goal.value < high);
    if (!inside) {
      const reachable =
        low === high ? `only ${format(low)}` : `between ${format(low)} and ${format(high)}, both excluded`;
      return { index: i, message: `${describe(goal)} is out of reach: ${mean(goal)} can be ${reachable}` };
    }
  }
  if (k === 1 || interior(distinct, goals) > 1e-10) return undefined;
  const index = goals.findIndex((_, i) => interior(distinct, goals.slice(0, i + 1)) <= 1e-10);
  const given = goals.slice(0, index);
  const bounds = [-1, 1].map((sign) => attained(distinct, given, index, sign));
  const others = given.map(describe).join(' and ');
  const range =
    bounds[0] === undefined || bounds[1] === undefined
      ? 'the others leave nothing'
      : `with ${others}, ${mean(goals[index])} can be between ${format(bounds[0])} and ${format(bounds[1])}, both excluded`;
  return { index, message: `${describe(goals[index])} is out of reach: ${range}` };
}

const mean = ({ kind, name }: MomentGoal): string => `${kind === 'event' ? 'P' : 'E'}(${name})`;

export function describe(goal: MomentGoal): string {
  return `${mean(goal)} ${goal.relation} ${format(goal.value)}`;
}

function format(x: number): string {
  return String(Number(x.toPrecision(8)));
}

function meets(value: number, goal: MomentGoal): boolean {
  const slack = 1e-12 * Math.max(1, Math.abs(goal.value));
  if (goal.relation === '<=') return value <= goal.value + slack;
  if (goal.relation === '>=') return value >= goal.value - slack;
  return Math.abs(value - goal.value) <= slack;
}

/** Columns of the distinct rows. */
function distinctRows(points: Float64Array, k: number): readonly Float64Array[] {
  const seen = new Set<string>();
  const columns: number[][] = Array.from({ length: k }, () => []);
  for (let i = 0; i < points.length; i += k) {
    const key = points.subarray(i, i + k).join();
    if (seen.has(key)) continue;
    seen.add(key);
    for (let j = 0; j < k; j++) columns[j].push(points[i + j]);
  }
  return columns.map((c) => Float64Array.from(c));
}

function extremes(columns: readonly Float64Array[], i: number): readonly [number, number] {
  let low = Infinity;
  let high = -Infinity;
  for (const x of columns[i]) {
    low = Math.min(low, x);
    high = Math.max(high, x);
  }
  return [low, high];
}

/** Rows of the program for weights on the points, one slack per inequality, and one further column per `extra`. */
function constraints(
  columns: readonly Float64Array[],
  goals: readonly MomentGoal[],
): { readonly rows: Float64Array[]; readonly b: number[]; readonly points: number; readonly width: number } {
  const points = columns[0].length;
  const slacks = goals.filter((g) => g.relation !== '=').length;
  const width = points + slacks + 1;
  let slack = points;
  const b: number[] = [];
  const rows = goals.map((g, j) => {
    const row = new Float64Array(width);
    const scale = columns[j].reduce((m, x) => Math.max(m, Math.abs(x - g.value)), 0) || 1;
    let sum = 0;
    for (let i = 0; i < points; i++) sum += row[i] = (columns[j][i] - g.value) / scale;
    row[width - 1] = sum / points;
    if (g.relation !== '=') row[slack++] = g.relation === '<=' ? 1 : -1;
    b.push(0);
    return row;
  });
  const total = new Float64Array(width).fill(1, 0, points);
  total[width - 1] = 1;
  return { rows: [...rows, total], b: [...b, 1], points, width };
}

/** Largest share that can be spread evenly over all points while the goals hold; −1 where they cannot hold. */
function interior(columns: readonly Float64Array[], goals: readonly MomentGoal[]): number {
  const { rows, b, width } = constraints(columns, goals);
  const cost = new Float64Array(width);
  cost[width - 1] = 1;
  return maximise(cost, rows, b)?.value ?? -1;
}

/** Largest (sign 1) or smallest (sign −1) mean of function `index` where `goals` hold. */
function attained(
  columns: readonly Float64Array[],
  goals: readonly MomentGoal[],
  index: number,
  sign: number,
): number | undefined {
  const { rows, b, points, width } = constraints(columns, goals);
  const cost = new Float64Array(width);
  let sum = 0;
  for (let i = 0; i < points; i++) sum += cost[i] = sign * columns[index][i];
  cost[width - 1] = sum / points;
  const best = maximise(cost, rows, b);
  return best === undefined ? undefined : sign * best.value;
}
