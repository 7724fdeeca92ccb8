import type { TokenMachine } from '@postulate/models';

/**
 * The smallest machine with the same states' behaviour: drops what cannot be reached, sends every state without a
 * finite continuation to one dead state, merges states that agree on outputs, finals and successors (Moore's
 * partition refinement) and then classes that no state tells apart. Outputs are not moved along the transitions, so
 * partial sums stay the very doubles they were.
 */
export function minimise(machine: TokenMachine): TokenMachine {
  const trimmed = withoutDeadEnds(machine);
  const block = mergeStates(trimmed);
  return mergeClasses(quotient(trimmed, block));
}

/** States from which some sequence still has a finite value. */
function liveStates(m: TokenMachine): Uint8Array {
  const live = Uint8Array.from({ length: m.states }, (_, s) =>
    m.finalEnd[s] > -Infinity || m.finalStop[s] > -Infinity ? 1 : 0,
  );
  for (let changed = true; changed;) {
    changed = false;
    for (let s = m.states - 1; s >= 0; s--) {
      if (live[s] === 1) continue;
      for (let c = 0; c < m.classes; c++) {
        const arc = s * m.classes + c;
        if (live[m.next[arc]] === 1 && (m.output === undefined || m.output[arc] > -Infinity)) {
          live[s] = 1;
          changed = true;
          break;
        }
      }
    }
  }
  return live;
}

/** Redirects every arc into a dead end, or of weight −∞, to one dead state without outputs. */
function withoutDeadEnds(m: TokenMachine): TokenMachine {
  const live = liveStates(m);
  const blocked = m.output !== undefined && m.output.includes(-Infinity);
  if (!blocked && !live.includes(0)) return m;
  const dead = m.states;
  const states = m.states + 1;
  const next = new Int32Array(states * m.classes).fill(dead);
  const output = m.output === undefined ? undefined : new Float64Array(states * m.classes);
  for (let arc = 0; arc < m.next.length; arc++) {
    if (live[m.next[arc]] === 0 || m.output?.[arc] === -Infinity) continue;
    next[arc] = m.next[arc];
    if (output !== undefined) output[arc] = m.output![arc];
  }
  const extend = (f: Float64Array): Float64Array => Float64Array.from({ length: states }, (_, s) => f[s] ?? -Infinity);
  const start = live[m.start] === 1 ? m.start : dead;
  return { ...m, states, start, next, output, finalEnd: extend(m.finalEnd), finalStop: extend(m.finalStop) };
}

const scratch = new Float64Array(1);
const bits = new Uint32Array(scratch.buffer);

const hash = new Int32Array(2);

/** Two 26-bit hashes fed side by side and read as one exact integer: equal rows agree, others almost never. */
function resetHash(): void {
  hash[0] = 0x2545f491;
  hash[1] = 0x1b873593;
}

function feed(value: number): void {
  hash[0] = Math.imul(hash[0] ^ value, 0x01000193) ^ (hash[0] >>> 15);
  hash[1] = Math.imul(hash[1] ^ value, 0x5bd1e995) ^ (hash[1] >>> 13);
}

function feedDouble(value: number): void {
  scratch[0] = value + 0;
  feed(bits[0]);
  feed(bits[1]);
}

function hashKey(): number {
  return (hash[0] >>> 6) * 2 ** 26 + (hash[1] >>> 6);
}

function number(keys: readonly number[]): { readonly block: Int32Array; readonly count: number } {
  const ids = new Map<number, number>();
  const block = Int32Array.from(keys, (k) => {
    let id = ids.get(k);
    if (id === undefined) ids.set(k, (id = ids.size));
    return id;
  });
  return { block, count: ids.size };
}

function mergeStates(m: TokenMachine): Int32Array {
  const own = Array.from({ length: m.states }, (_, s) => {
    resetHash();
    feedDouble(m.finalEnd[s]);
    feedDouble(m.finalStop[s]);
    if (m.output !== undefined) for (let c = 0; c < m.classes; c++) feedDouble(m.output[s * m.classes + c]);
    return hashKey();
  });
  let { block, count } = number(own);
  for (;;) {
    const keys = Array.from({ length: m.states }, (_, s) => {
      resetHash();
      feed(block[s]);
      for (let c = 0; c < m.classes; c++) feed(block[m.next[s * m.classes + c]]);
      return hashKey();
    });
    const finer = number(keys);
    if (finer.count === count) break;
    ({ block, count } = finer);
  }
  return agrees(m, block) ? block : Int32Array.from({ length: m.states }, (_, s) => s);
}

/** Whether the states of each block really behave alike: guards against a collision of hashes. */
function agrees(m: TokenMachine, block: Int32Array): boolean {
  const representative = new Int32Array(m.states).fill(-1);
  for (let s = 0; s < m.states; s++) {
    const r = representative[block[s]];
    if (r === -1) {
      representative[block[s]] = s;
      continue;
    }
    if (m.finalEnd[s] !== m.finalEnd[r] || m.finalStop[s] !== m.finalStop[r]) return false;
    for (let c = 0; c < m.classes; c++) {
      const [a, b] = [s * m.classes + c, r * m.classes + c];
      if (block[m.next[a]] !== block[m.next[b]] || m.output?.[a] !== m.output?.[b]) return false;
    }
  }
  return true;
}

/** One state per block that can be reached from the start's, which becomes state 0. */
function quotient(m: TokenMachine, block: Int32Array): TokenMachine {
  const id = new Map<number, number>([[block[m.start], 0]]);
  const members = [m.start];
  for (let i = 0; i < members.length; i++) {
    for (let c = 0; c < m.classes; c++) {
      const t = m.next[members[i] * m.classes + c];
      if (id.has(block[t])) continue;
      id.set(block[t], members.length);
      members.push(t);
    }
  }
  const next = new Int32Array(members.length * m.classes);
  const output = m.output === undefined ? undefined : new Float64Array(next.length);
  members.forEach((s, i) => {
    for (let c = 0; c < m.classes; c++) {
      next[i * m.classes + c] = id.get(block[m.next[s * m.classes + c]])!;
      if (output !== undefined) output[i * m.classes + c] = m.output![s * m.classes + c];
    }
  });
  const pick = (f: Float64Array): Float64Array => Float64Array.from(members, (s) => f[s]);
  const finals = { finalEnd: pick(m.finalEnd), finalStop: pick(m.finalStop) };
  const silent = output === undefined || output.every((x) => x === 0);
  return { ...m, states: members.length, start: 0, next, output: silent ? undefined : output, ...finals };
}

function mergeClasses(m: TokenMachine): TokenMachine {
  const buckets = new Map<number, number[]>();
  const representatives: number[] = [];
  const merged = new Int32Array(m.classes);
  for (let c = 0; c < m.classes; c++) {
    resetHash();
    for (let s = 0; s < m.states; s++) {
      feed(m.next[s * m.classes + c]);
      if (m.output !== undefined) feedDouble(m.output[s * m.classes + c]);
    }
    const key = hashKey();
    const bucket = buckets.get(key) ?? [];
    buckets.set(key, bucket);
    let found = bucket.find((id) => sameColumn(m, c, representatives[id]));
    if (found === undefined) {
      bucket.push((found = representatives.length));
      representatives.push(c);
    }
    merged[c] = found;
  }
  if (representatives.length === m.classes) return m;
  const classes = representatives.length;
  const pick = <T extends Int32Array | Float64Array>(from: T, to: T): T => {
    for (let s = 0; s < m.states; s++)
      representatives.forEach((c, i) => (to[s * classes + i] = from[s * m.classes + c]));
    return to;
  };
  return {
    ...m,
    classes,
    classOf: m.classOf.map((c) => merged[c]),
    next: pick(m.next, new Int32Array(m.states * classes)),
    output: m.output === undefined ? undefined : pick(m.output, new Float64Array(m.states * classes)),
  };
}

function sameColumn(m: TokenMachine, a: number, b: number): boolean {
  for (let s = 0; s < m.states; s++) {
    const [i, j] = [s * m.classes + a, s * m.classes + b];
    if (m.next[i] !== m.next[j] || m.output?.[i] !== m.output?.[j]) return false;
  }
  return true;
}
