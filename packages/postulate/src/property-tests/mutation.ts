import { dirname } from 'node:path';
import { compile } from '@postulate/dsl';
import { graphHash, hasErrors, PostError, type ModelGraph } from '@postulate/graph';
import { createModels } from '@postulate/models';
import { runProperties } from '@postulate/testing';
import { diskHost } from '../project/host.ts';
import { mutantsOf, type Mutant } from './mutants.ts';

export type Fate =
  | { readonly kind: 'killed'; readonly by: string }
  | { readonly kind: 'survived' }
  /** It does not type-check, has no mass, or means what the original means: nobody could ship it unseen. */
  | { readonly kind: 'void'; readonly why: string };

export interface MutationResult {
  readonly mutant: Mutant;
  readonly fate: Fate;
}

export interface MutationScore {
  readonly results: readonly MutationResult[];
  readonly killed: number;
  /** Mutants that could be killed. */
  readonly total: number;
}

/** What every named value of a program means, so that two programs can be told apart. */
function meaning(graph: ModelGraph): string {
  return graph.outputs.map((o) => `${o.name} ${graphHash(graph, o.node)}`).join('\n');
}

export interface MutationOptions {
  /** Texts that a pointwise property is tried on; default 300. */
  readonly runs?: number;
  /** Most draws of one distribution, for what no exact engine knows; default 8,192. The original has to hold with as many. */
  readonly draws?: number;
  readonly seed?: string;
  readonly onResult?: (result: MutationResult) => void;
}

/**
 * Puts every slip into a program, one at a time, and sees whether its properties notice. The models of the original serve
 * all mutants. Throws where a property of the original does not hold.
 */
export async function mutationScore(file: string, text: string, options: MutationOptions = {}): Promise<MutationScore> {
  const directory = dirname(file);
  const models = createModels({ directory, onWarning: () => undefined });
  const open = (source: string) => compile(source, file, { host: diskHost(directory) });
  const { runs = 300, draws = 8192, seed = '0', onResult } = options;
  const verdict = async (graph: ModelGraph): Promise<string | undefined> => {
    for await (const o of runProperties(graph, models, { runs, draws, seed })) {
      if ('error' in o) return `${o.property}, ${o.error.code}`;
      if (o.verdict !== 'holds') return o.verdict === 'fails' ? o.property : `${o.property}, undecided`;
    }
    return undefined;
  };
  const original = open(text);
  if (original.graph === undefined) throw new PostError(original.diagnostics);
  const broken = await verdict(original.graph);
  if (broken !== undefined) throw new Error(`${file}: a property does not hold before anything was changed: ${broken}`);
  const own = meaning(original.graph);
  const fateOf = async (mutant: Mutant): Promise<Fate> => {
    const { graph, diagnostics } = open(mutant.text);
    if (graph === undefined || hasErrors(diagnostics)) return { kind: 'void', why: 'it does not type-check' };
    if (meaning(graph) === own) return { kind: 'void', why: 'it means the same' };
    const by = await verdict(graph);
    return by === undefined ? { kind: 'survived' } : { kind: 'killed', by };
  };
  const results: MutationResult[] = [];
  for (const mutant of mutantsOf(text, file)) {
    const result = { mutant, fate: await fateOf(mutant) };
    results.push(result);
    onResult?.(result);
  }
  const killed = results.filter((r) => r.fate.kind === 'killed').length;
  return { results, killed, total: results.filter((r) => r.fate.kind !== 'void').length };
}
