import { fail } from '@postulate/graph';
import type { TokenizerJson } from '../../tokenizer/index.ts';
import { bool, type GgufValue, string, uint32 } from './gguf-file.ts';

/** llama.cpp's kinds of tokens. */
const NORMAL = 1;
const CONTROL = 3;
const UNUSED = 5;

/** The name that llama.cpp has for a way to cut texts into pieces before byte-pair encoding. */
function piecesName(tokenizer: TokenizerJson): string {
  const step = tokenizer.pre_tokenizer as {
    readonly type: string;
    readonly pretokenizers?: readonly { type: string }[];
  } | null;
  const steps = (step?.type === 'Sequence' ? step.pretokenizers : [step])?.map((s) => s?.type).join(' ');
  if (tokenizer.model.type === 'BPE' && steps === 'ByteLevel') return 'gpt-2';
  if (tokenizer.model.type === 'BPE' && steps === 'Digits ByteLevel') return 'smollm';
  throw fail(
    'P520',
    `the tokenizer (${tokenizer.model.type}, ${steps ?? 'no pieces'}) has no counterpart in GGUF here.`,
    {
      help: "byte-level BPE of GPT-2's kind can be written.",
    },
  );
}

/** Byte-level BPE as GGUF's metadata; `size` is the model's number of columns, `end` the token that begins and ends texts. */
export function ggufTokenizer(
  tokenizer: TokenizerJson,
  size: number,
  end: number,
): Readonly<Record<string, GgufValue>> {
  const tokens = Array.from({ length: size }, (_, id) => `[PAD${id}]`);
  const types = new Array<number>(size).fill(UNUSED);
  const put = (token: string, id: number, type: number): void => {
    if (id >= size)
      throw fail('P512', `the token ${JSON.stringify(token)} has the id ${id}, but the model has ${size} columns.`);
    tokens[id] = token;
    types[id] = type;
  };
  for (const [token, id] of Object.entries(tokenizer.model.vocab)) put(token, id, NORMAL);
  for (const { content, id, special } of tokenizer.added_tokens) put(content, id, special ? CONTROL : NORMAL);
  const merges = (tokenizer.model.merges as readonly (string | readonly string[])[]).map((m) => (typeof m === 'string' ? m : m.join(' '))); // prettier-ignore
  return {
    'tokenizer.ggml.model': string('gpt2'),
    'tokenizer.ggml.pre': string(piecesName(tokenizer)),
    'tokenizer.ggml.tokens': { kind: 'strings', value: tokens },
    'tokenizer.ggml.token_type': { kind: 'int32s', value: types },
    'tokenizer.ggml.merges': { kind: 'strings', value: merges },
    'tokenizer.ggml.bos_token_id': uint32(end),
    'tokenizer.ggml.eos_token_id': uint32(end),
    'tokenizer.ggml.add_bos_token': bool(true),
    'tokenizer.ggml.add_space_prefix': bool(false),
  };
}
