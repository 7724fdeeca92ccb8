import type { DecoderConfig, LoraConfig } from './config.ts';

/** One array of weights, named as in the Hugging Face layout. */
export interface Parameter {
  readonly name: string;
  readonly shape: readonly number[];
  /** How it starts: ones and zeros for norms and biases, else normal with this standard deviation. */
  readonly initial: 'ones' | 'zeros' | number;
}

/** Standard deviation of fresh weights, and of those that write to the residual stream, 1/√(2L) of it (Radford et al. 2019). */
const SPREAD = 0.02;

/** All arrays that a decoder's programs read: its weights, then its adapters where there are some. */
export function parametersOf(config: DecoderConfig): readonly Parameter[] {
  return [...baseParameters(config), ...adapterParameters(config)];
}

/** The arrays that training changes: the adapters where there are some, else everything. */
export function trainableOf(config: DecoderConfig): readonly Parameter[] {
  return config.lora === undefined ? baseParameters(config) : adapterParameters(config);
}

export function baseParameters(config: DecoderConfig): readonly Parameter[] {
  return config.family === 'gpt2' ? gpt2Parameters(config) : llamaParameters(config);
}

export const adapterName = (layer: string, part: 'A' | 'B'): string => `${layer}.lora_${part}.weight`;

/** A [rank, in] starts random and B [out, rank] at zero, so that an adapted model starts as the model itself. */
function adapterParameters(config: DecoderConfig): readonly Parameter[] {
  const { lora } = config;
  if (lora === undefined) return [];
  return baseParameters(config).flatMap(({ name, shape }) => {
    const layer = name.replace(/\.weight$/, '');
    if (shape.length !== 2 || !isTarget(lora, layer)) return [];
    // GPT-2 keeps its layers as [in, out], Llama as [out, in].
    const [into, from] = config.family === 'gpt2' ? [shape[1], shape[0]] : [shape[0], shape[1]];
    return [
      { name: adapterName(layer, 'A'), shape: [lora.rank, from], initial: 1 / Math.sqrt(3 * from) },
      { name: adapterName(layer, 'B'), shape: [into, lora.rank], initial: 'zeros' as const },
    ];
  });
}

export function isTarget({ targets }: LoraConfig, layer: string): boolean {
  return targets.some((target) => layer === target || layer.endsWith(`.${target}`));
}

function gpt2Parameters(c: DecoderConfig): readonly Parameter[] {
  const into = SPREAD / Math.sqrt(2 * c.layers);
  const norm = (name: string): Parameter[] => [
    { name: `${name}.weight`, shape: [c.width], initial: 'ones' },
    { name: `${name}.bias`, shape: [c.width], initial: 'zeros' },
  ];
  const layer = (name: string, rows: number, columns: number, initial = SPREAD): Parameter[] => [
    { name: `${name}.weight`, shape: [rows, columns], initial },
    { name: `${name}.bias`, shape: [columns], initial: 'zeros' },
  ];
  const block = (i: number): Parameter[] => [
    ...norm(`transformer.h.${i}.ln_1`),
    ...layer(`transformer.h.${i}.attn.c_attn`, c.width, 3 * c.width),
    ...layer(`transformer.h.${i}.attn.c_proj`, c.width, c.width, into),
    ...norm(`transformer.h.${i}.ln_2`),
    ...layer(`transformer.h.${i}.mlp.c_fc`, c.width, c.hidden),
    ...layer(`transformer.h.${i}.mlp.c_proj`, c.hidden, c.width, into),
  ];
  return [
    { name: 'transformer.wte.weight', shape: [c.vocabulary, c.width], initial: SPREAD },
    { name: 'transformer.wpe.weight', shape: [c.positions, c.width], initial: SPREAD },
    ...Array.from({ length: c.layers }, (_, i) => block(i)).flat(),
    ...norm('transformer.ln_f'),
    ...head(c),
  ];
}

function llamaParameters(c: DecoderConfig): readonly Parameter[] {
  const into = SPREAD / Math.sqrt(2 * c.layers);
  const queries = c.heads * c.headSize;
  const keys = c.keyHeads * c.headSize;
  const block = (i: number): Parameter[] => {
    const at = `model.layers.${i}`;
    return [
      { name: `${at}.input_layernorm.weight`, shape: [c.width], initial: 'ones' },
      { name: `${at}.self_attn.q_proj.weight`, shape: [queries, c.width], initial: SPREAD },
      { name: `${at}.self_attn.k_proj.weight`, shape: [keys, c.width], initial: SPREAD },
      { name: `${at}.self_attn.v_proj.weight`, shape: [keys, c.width], initial: SPREAD },
      { name: `${at}.self_attn.o_proj.weight`, shape: [c.width, queries], initial: into },
      { name: `${at}.post_attention_layernorm.weight`, shape: [c.width], initial: 'ones' },
      { name: `${at}.mlp.gate_proj.weight`, shape: [c.hidden, c.width], initial: SPREAD },
      { name: `${at}.mlp.up_proj.weight`, shape: [c.hidden, c.width], initial: SPREAD },
      { name: `${at}.mlp.down_proj.weight`, shape: [c.width, c.hidden], initial: into },
    ];
  };
  return [
    { name: 'model.embed_tokens.weight', shape: [c.vocabulary, c.width], initial: SPREAD },
    ...Array.from({ length: c.layers }, (_, i) => block(i)).flat(),
    { name: 'model.norm.weight', shape: [c.width], initial: 'ones' },
    ...head(c),
  ];
}

function head(c: DecoderConfig): readonly Parameter[] {
  return c.tied ? [] : [{ name: 'lm_head.weight', shape: [c.vocabulary, c.width], initial: SPREAD }];
}
