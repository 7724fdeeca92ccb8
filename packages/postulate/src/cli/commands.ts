import type { CommandSpec, OptionSpec } from './command.ts';

const SET: OptionSpec = { name: 'set', value: 'k=v', repeated: true, help: 'give a param of the file a value' };
const POSTERIOR: OptionSpec = { name: 'posterior', value: 'NAME', help: 'which posterior of the file' };
const RUNTIME: OptionSpec = {
  name: 'runtime',
  value: 'NAME',
  help: 'what evaluates a neural prior (default: the best that loads; see post doctor)',
};
const NO_EXTERN: OptionSpec = {
  name: 'no-extern',
  help: 'refuse to run extern modules: for files that are not trusted',
};

function later(name: string, does: string): CommandSpec {
  return {
    name,
    summary: `(not in this version) ${does}`,
    operands: 'none',
    options: [],
    later: true,
    examples: [`post ${name} --help`],
    load: async () => (await import('../commands/later.ts')).later(name, does),
  };
}

/** Every command, in the order of the help. */
export const COMMANDS: readonly CommandSpec[] = [
  {
    name: 'check',
    summary: 'parse and type-check; all errors of a file at once',
    operands: 'many',
    options: [
      { name: 'emit', value: 'PHASE', help: 'print what a phase made of the file: tokens, tree, typed or graph' },
      SET,
    ],
    examples: ['post check model.post', 'post check *.post --json', 'post check model.post --emit typed'],
    load: async () => (await import('../commands/check.ts')).check,
  },
  {
    name: 'fmt',
    summary: 'rewrite files in the one canonical layout; comments stay',
    operands: 'many',
    options: [
      { name: 'check', help: 'change nothing; exit 1 if a file is not in canonical layout' },
      { name: 'write', short: 'w', help: 'write files in place (the default; standard input goes to standard output)' },
    ],
    examples: ['post fmt model.post', 'post fmt --check *.post', 'post fmt - < model.post'],
    load: async () => (await import('../commands/fmt.ts')).fmt,
  },
  {
    name: 'graph',
    summary: 'print the model graph with types, ranges and what each factor can do',
    operands: 'one',
    options: [{ name: 'format', value: 'FORMAT', help: 'text (default), mermaid, dot or json' }, SET],
    examples: ['post graph model.post', 'post graph model.post --format dot | dot -Tsvg > model.svg'],
    load: async () => (await import('../commands/graph.ts')).graph,
  },
  {
    name: 'engines',
    summary: 'list the engines, or which of them can run a file and why the others cannot',
    operands: 'optional',
    options: [POSTERIOR, SET, RUNTIME, NO_EXTERN],
    examples: ['post engines', 'post engines model.post --posterior safe'],
    load: async () => (await import('../commands/engines.ts')).engines,
  },
  {
    name: 'sample',
    summary: 'draw from a posterior, with diagnostics',
    operands: 'one',
    options: [
      { name: 'draws', short: 'n', value: 'N', help: 'how many draws (default 100); 0 asks for the figures alone' },
      { name: 'engine', value: 'NAME', help: 'which engine (default auto, which says what it chose and why)' },
      { name: 'option', value: 'k=v', repeated: true, help: "one of the engine's options: see post engines" },
      POSTERIOR,
      SET,
      { name: 'seed', value: 'S', help: 'seed of all randomness, any text (default 0)' },
      { name: 'budget', value: 'B', help: 'stop after so many sequences of the prior (1e6) or so long (30s, 5m)' },
      {
        name: 'expect',
        value: 'NAME',
        repeated: true,
        help: 'report this score or event (default: all that are named)',
      },
      {
        name: 'workers',
        value: 'N',
        help: 'threads that share the work, with the same draws for any number (default auto: one a processor in long runs)',
      },
      RUNTIME,
      {
        name: 'out',
        value: 'DIR',
        help: 'keep the run in this folder: run.json, draws.jsonl as they come, summary.json; post report reads it',
      },
      { name: 'resume', help: 'go on with the run in the folder of --out, to the same draws' },
      NO_EXTERN,
    ],
    examples: [
      'post sample model.post -n 20',
      'post sample model.post --engine rejection --budget 30s --seed a',
      'post sample model.post --posterior safe --set beta=0.1 --json',
    ],
    load: async () => (await import('../commands/sample.ts')).sample,
  },
  {
    name: 'fit',
    summary: 'train a policy towards a posterior, kept in a folder that fitted("…") reads',
    operands: 'one',
    options: [
      {
        name: 'engine',
        value: 'NAME',
        help: 'which engine trains: kl-rl, gdc, f-dpg, trajectory-balance, dpo, sft, rl',
      },
      {
        name: 'out',
        value: 'DIR',
        help: 'keep the run in this folder: metrics.jsonl, a checkpoint, the policy, a model card',
      },
      { name: 'resume', help: 'go on with the run in the folder of --out, to the same policy' },
      { name: 'option', value: 'k=v', repeated: true, help: "one of the engine's options: see post engines" },
      { name: 'checkpoint', value: 'N', help: 'steps between two checkpoints (default 50)' },
      { name: 'draws', short: 'n', value: 'N', help: 'how many draws of the policy to keep at the end (default 100)' },
      POSTERIOR,
      SET,
      { name: 'seed', value: 'S', help: 'seed of all randomness, any text (default 0)' },
      {
        name: 'expect',
        value: 'NAME',
        repeated: true,
        help: 'report this score or event (default: all that are named)',
      },
      NO_EXTERN,
    ],
    examples: [
      'post fit model.post --engine gdc --out runs/policy',
      'post fit model.post --engine kl-rl --option steps=1000 --out runs/rl --resume',
    ],
    load: async () => (await import('../commands/fit.ts')).fit,
  },
  {
    name: 'compare',
    summary: 'set several engines against each other, and against the exact answer',
    operands: 'one',
    options: [
      { name: 'engines', value: 'A,B', help: 'which engines; all for every one' },
      { name: 'draws', short: 'n', value: 'N', help: 'how many draws of each engine (default 1000)' },
      { name: 'option', value: 'e.k=v', repeated: true, help: 'an option of one of the engines: smc.particles=200' },
      { name: 'sweep', value: 'k=a,b', repeated: true, help: 'a comparison for each of these values of a param' },
      { name: 'report', value: 'FILE', help: 'write a page with tables and plots as well: out.html' },
      POSTERIOR,
      SET,
      { name: 'seed', value: 'S', help: 'seed of all randomness, any text (default 0)' },
      { name: 'budget', value: 'B', help: 'most sequences of the prior that each engine may ask for' },
      {
        name: 'expect',
        value: 'NAME',
        repeated: true,
        help: 'report this score or event (default: all that are named)',
      },
      RUNTIME,
      NO_EXTERN,
    ],
    examples: [
      'post compare model.post --engines exact,rejection,importance',
      'post compare model.post --engines all --sweep beta=0.1,1,10',
    ],
    load: async () => (await import('../commands/compare.ts')).compare,
  },
  {
    name: 'report',
    summary: 'make a page of samples, diagnostics and plots of runs kept in folders',
    operands: 'many',
    operand: 'RUN',
    options: [{ name: 'out', value: 'FILE', help: 'where the page goes: out.html' }],
    examples: [
      'post sample model.post --engine smc --out run && post report run --out out.html',
      'post report runs/* --out out.html',
    ],
    load: async () => (await import('../commands/report.ts')).report,
  },
  {
    name: 'train-lm',
    summary: 'train a small language model on texts, into a folder that lm("…") reads',
    operands: 'one',
    operand: 'CORPUS',
    options: [
      { name: 'out', value: 'DIR', help: 'the folder of the model' },
      { name: 'resume', help: 'go on from the last checkpoint in the folder of --out' },
      { name: 'vocabulary', value: 'N', help: 'tokens of its byte-level BPE (default 2048)' },
      { name: 'layers', value: 'N', help: 'layers (default 6)' },
      { name: 'width', value: 'N', help: 'width of the layers (default 192)' },
      { name: 'heads', value: 'N', help: 'attention heads (default 6)' },
      { name: 'hidden', value: 'N', help: 'width inside the feed-forward part (default 512)' },
      { name: 'epochs', value: 'X', help: 'passes over the texts (default 4)' },
      { name: 'batch', value: 'N', help: 'rows a step (default 8)' },
      { name: 'length', value: 'N', help: 'tokens a row (default 128)' },
      { name: 'rate', value: 'X', help: 'highest learning rate (default 0.003)' },
      { name: 'held-out', value: 'X', help: 'share of the texts that is kept back to judge by (default 0.02)' },
      { name: 'type', value: 'TYPE', help: 'f16 (default) or f32: how the weights are stored' },
      { name: 'seed', value: 'S', help: 'seed of all randomness, any text (default 0)' },
    ],
    examples: [
      'post train-lm texts.txt --out my-lm',
      'post train-lm nlp-corpus --out my-lm --layers 4 --width 128 --heads 4 --hidden 344 --epochs 1',
      'post train-lm texts.txt --out my-lm --resume',
    ],
    load: async () => (await import('../commands/train-lm.ts')).trainLm,
  },
  {
    name: 'doctor',
    summary: 'show versions, the cache, bundled data, and which runtimes load',
    operands: 'none',
    options: [],
    examples: ['post doctor', 'post doctor --json'],
    load: async () => (await import('../commands/doctor.ts')).doctor,
  },
  later('test', 'run the properties of a file'),
];
