import { fail, operands, type ModelGraph, type NodeId, type NodeOf } from '@postulate/graph';
import { map, zip, type Frame } from './frame.ts';
import { all, type Maybe } from './maybe.ts';

/**
 * A random score once every ensemble has picked its member: per text either c + g·ε, or shift + scale · exp(c + g·ε),
 * with independent standard normal ε, one for each Gaussian of the graph.
 */
export interface Component {
  readonly exponential: boolean;
  readonly shift: Float64Array;
  readonly scale: Float64Array;
  readonly centre: Float64Array;
  /** Standard deviation of the Gaussian part; 0 where the component is one number. */
  readonly spread: Float64Array;
}

interface Form extends Omit<Component, 'spread'> {
  readonly gaussians: ReadonlyMap<NodeId, Float64Array>;
}

/** Most joint choices of ensemble members that are listed. */
const MAX_ATOMS = 4096;

const NONE: ReadonlyMap<NodeId, Float64Array> = new Map();

function unsupported(graph: ModelGraph, id: NodeId): Error {
  return fail('P205', 'this combination of random scores has no closed form', {
    span: graph.nodes[id].span,
    help: 'combine them by sums, multiples and one exp, or take mean(…) of each first',
  });
}

/** Random nodes below `id`, and the scores that stand at their boundary. */
function survey(graph: ModelGraph, id: NodeId): { ensembles: NodeOf<'ensemble'>[]; ids: NodeId[]; scores: NodeId[] } {
  const found = { ensembles: [] as NodeOf<'ensemble'>[], ids: [] as NodeId[], scores: [] as NodeId[] };
  const seen = new Set<NodeId>();
  const visit = (i: NodeId): void => {
    if (seen.has(i)) return;
    seen.add(i);
    const node = graph.nodes[i];
    if (node.type !== 'random') {
      found.scores.push(i);
      return;
    }
    if (node.kind === 'ensemble') {
      found.ensembles.push(node);
      found.ids.push(i);
    }
    operands(node).forEach(visit);
  };
  visit(id);
  return found;
}

function affine(size: number, centre: Float64Array, gaussians = NONE): Form {
  return {
    exponential: false,
    shift: new Float64Array(size),
    scale: new Float64Array(size).fill(1),
    centre,
    gaussians,
  };
}

/** One number a text, if the form has no Gaussian in it. */
function fixed(form: Form): Float64Array | undefined {
  if (form.gaussians.size > 0) return undefined;
  if (!form.exponential) return form.centre;
  return form.centre.map((c, i) => form.shift[i] + form.scale[i] * Math.exp(c));
}

function addForms(a: Form, b: Form): Form | undefined {
  const [x, y] = [fixed(a), fixed(b)];
  const plus = (p: Float64Array, q: Float64Array): Float64Array => zip(p, q, (u, v) => u + v);
  if (x && b.exponential && !y) return { ...b, shift: plus(b.shift, x) };
  if (y && a.exponential && !x) return { ...a, shift: plus(a.shift, y) };
  const [p, q] = [x ? affine(x.length, x) : a, y ? affine(y.length, y) : b];
  if (p.exponential || q.exponential) return undefined;
  const gaussians = new Map(p.gaussians);
  for (const [id, g] of q.gaussians) {
    const other = gaussians.get(id);
    gaussians.set(id, other ? plus(other, g) : g);
  }
  return affine(p.centre.length, plus(p.centre, q.centre), gaussians);
}

function scaleForm(form: Form, by: Float64Array): Form {
  const times = (p: Float64Array): Float64Array => zip(p, by, (u, v) => u * v);
  if (form.exponential) return { ...form, shift: times(form.shift), scale: times(form.scale) };
  const gaussians = new Map([...form.gaussians].map(([id, g]) => [id, times(g)] as const));
  return affine(by.length, times(form.centre), gaussians);
}

function multiplyForms(a: Form, b: Form): Form | undefined {
  const [x, y] = [fixed(a), fixed(b)];
  if (y) return scaleForm(a, y);
  return x && scaleForm(b, x);
}

function exponentiate(form: Form): Form | undefined {
  const x = fixed(form);
  if (form.exponential && !x) return undefined;
  return { ...(x ? affine(x.length, x) : form), exponential: true };
}

/** The form of every node below a random score, for one choice of ensemble members. */
function formsOf(frame: Frame, scores: ReadonlyMap<NodeId, Float64Array>, picked: ReadonlyMap<NodeId, number>) {
  const known = new Map<NodeId, Form>();
  const negative = new Float64Array(frame.size).fill(-1);
  const build = (id: NodeId): Form | undefined => {
    const score = scores.get(id);
    if (score) return affine(frame.size, score);
    const node = frame.graph.nodes[id];
    switch (node.kind) {
      case 'ensemble':
        return of(node.members[picked.get(id) ?? 0]);
      case 'gaussian': {
        const [mean, sd] = [fixed(of(node.mean)), fixed(of(node.sd))];
        return mean && sd && affine(frame.size, mean, new Map([[id, sd]]));
      }
      case 'negate':
        return scaleForm(of(node.of), negative);
      case 'apply':
        return node.fn === 'exp' ? exponentiate(of(node.args[0])) : undefined;
      case 'arithmetic':
        return combine(node);
      default:
        return undefined;
    }
  };
  const combine = (node: NodeOf<'arithmetic'>): Form | undefined => {
    const [a, b] = [of(node.left), of(node.right)];
    if (node.op === 'add') return addForms(a, b);
    if (node.op === 'subtract') return addForms(a, scaleForm(b, negative));
    if (node.op === 'multiply') return multiplyForms(a, b);
    const divisor = node.op === 'divide' ? fixed(b) : undefined;
    return (
      divisor &&
      scaleForm(
        a,
        map(divisor, (d) => 1 / d),
      )
    );
  };
  const of = (id: NodeId): Form => {
    const form = known.get(id) ?? build(id);
    if (!form) throw unsupported(frame.graph, id);
    known.set(id, form);
    return form;
  };
  return of;
}

function finish(form: Form): Component {
  const spread = new Float64Array(form.centre.length);
  for (const g of form.gaussians.values()) g.forEach((x, i) => (spread[i] += x * x));
  const { gaussians: _, ...rest } = form;
  return { ...rest, spread: map(spread, Math.sqrt) };
}

/** The equally likely components of a random score on every text of a frame: one for each joint choice of members. */
export function componentsOf(frame: Frame, id: NodeId): Maybe<readonly Component[]> {
  const { ensembles, ids, scores } = survey(frame.graph, id);
  const atoms = ensembles.reduce((n, e) => n * e.members.length, 1);
  if (atoms > MAX_ATOMS) {
    throw fail('P205', `the ensembles in a random score have ${atoms} joint choices; at most ${MAX_ATOMS} are listed`, {
      span: frame.graph.nodes[id].span,
    });
  }
  return all(
    scores.map((s) => frame.value(s)),
    (values) => {
      const known = new Map(scores.map((s, i) => [s, values[i]] as const));
      return Array.from({ length: atoms }, (_, atom) => {
        const picked = new Map<NodeId, number>();
        ensembles.forEach((e, i) => {
          picked.set(ids[i], atom % e.members.length);
          atom = Math.floor(atom / e.members.length);
        });
        return finish(formsOf(frame, known, picked)(id));
      });
    },
  );
}
