import { fail } from '@postulate/graph';

/** The sizes and choices that define a decoder, whatever file they came from. */
export interface DecoderConfig {
  readonly family: 'gpt2' | 'llama';
  readonly vocabulary: number;
  /** Width of the residual stream. */
  readonly width: number;
  readonly layers: number;
  readonly heads: number;
  /** Heads of keys and values; fewer than `heads` where several queries share one. */
  readonly keyHeads: number;
  readonly headSize: number;
  /** Width inside the feed-forward part. */
  readonly hidden: number;
  readonly activation: 'gelu' | 'geluTanh' | 'silu';
  /** Most tokens in a row, prompt included. */
  readonly positions: number;
  readonly epsilon: number;
  /** Base of the rotary angles (Llama). */
  readonly rotaryBase: number;
  /** How a model for longer texts stretches those angles; absent where it does not. */
  readonly rotaryScaling?: RotaryScaling;
  /** True where the output layer is the embedding. */
  readonly tied: boolean;
  /** Low-rank adapters, which are then all that training changes. */
  readonly lora?: LoraConfig | undefined;
}

/** y = W x + (alpha/rank) B A x at the layers whose name ends in one of `targets` (Hu et al. 2021). */
export interface LoraConfig {
  readonly rank: number;
  readonly alpha: number;
  readonly targets: readonly string[];
}

/** Llama 3.1's stretching: angles that turn slowly are divided by `factor`, those that turn fast are kept. */
export interface RotaryScaling {
  readonly factor: number;
  /** Turns within the original length below which an angle is divided, and above which it is kept. */
  readonly lowTurns: number;
  readonly highTurns: number;
  /** Positions of the model before it was stretched. */
  readonly originalPositions: number;
}

type Json = Readonly<Record<string, unknown>>;

/** The decoder that a `config.json` in the Hugging Face layout describes. P520 where it is of no kind known here. */
export function decoderConfig(json: Json, source: string): DecoderConfig {
  const type = json['model_type'];
  if (type === 'gpt2') return gpt2Config(json, source);
  if (type === 'llama') return llamaConfig(json, source);
  throw fail('P520', `${source}: the model type ${JSON.stringify(type)} is not known here.`, {
    help: 'models of the GPT-2 and Llama families run as they are; others as ONNX folders, .gguf files or behind a server.',
  });
}

const ACTIVATIONS: Readonly<Record<string, DecoderConfig['activation']>> = {
  gelu: 'gelu',
  gelu_new: 'geluTanh',
  gelu_pytorch_tanh: 'geluTanh',
  gelu_fast: 'geluTanh',
  silu: 'silu',
  swish: 'silu',
};

function activation(json: Json, key: string, otherwise: string, source: string): DecoderConfig['activation'] {
  const name = json[key] ?? otherwise;
  const found = ACTIVATIONS[String(name)];
  if (found === undefined) throw fail('P520', `${source}: the activation ${JSON.stringify(name)} is not known here.`);
  return found;
}

function count(json: Json, key: string, source: string, otherwise?: number): number {
  const value = json[key] ?? otherwise;
  if (typeof value === 'number' && Number.isInteger(value) && value > 0) return value;
  throw fail('P520', `${source}: \`${key}\` must be a positive whole number, but it is ${JSON.stringify(value)}.`);
}

function number(json: Json, key: string, otherwise: number): number {
  const value = json[key];
  return typeof value === 'number' && value > 0 ? value : otherwise;
}

/** Refuses what would silently give another model. */
function refuse(json: Json, source: string, unlike: Readonly<Record<string, unknown>>): void {
  for (const [key, only] of Object.entries(unlike)) {
    const value = json[key];
    if (value === undefined || value === null || value === only) continue;
    throw fail('P520', `${source}: \`${key}\` = ${JSON.stringify(value)} is not supported here.`);
  }
}

function gpt2Config(json: Json, source: string): DecoderConfig {
  refuse(json, source, {
    scale_attn_weights: true,
    scale_attn_by_inverse_layer_idx: false,
    reorder_and_upcast_attn: false,
    add_cross_attention: false,
  });
  const width = count(json, 'n_embd', source);
  const heads = count(json, 'n_head', source);
  if (width % heads !== 0) throw fail('P520', `${source}: \`n_embd\` is not a multiple of \`n_head\`.`);
  return {
    family: 'gpt2',
    vocabulary: count(json, 'vocab_size', source),
    width,
    layers: count(json, 'n_layer', source),
    heads,
    keyHeads: heads,
    headSize: width / heads,
    hidden: count(json, 'n_inner', source, 4 * width),
    activation: activation(json, 'activation_function', 'gelu_new', source),
    positions: count(json, 'n_positions', source, 1024),
    epsilon: number(json, 'layer_norm_epsilon', 1e-5),
    rotaryBase: 0,
    tied: json['tie_word_embeddings'] !== false,
  };
}

function llamaConfig(json: Json, source: string): DecoderConfig {
  refuse(json, source, { attention_bias: false, mlp_bias: false });
  const width = count(json, 'hidden_size', source);
  const heads = count(json, 'num_attention_heads', source);
  return {
    family: 'llama',
    vocabulary: count(json, 'vocab_size', source),
    width,
    layers: count(json, 'num_hidden_layers', source),
    heads,
    keyHeads: count(json, 'num_key_value_heads', source, heads),
    headSize: count(json, 'head_dim', source, width / heads),
    hidden: count(json, 'intermediate_size', source),
    activation: activation(json, 'hidden_act', 'silu', source),
    positions: count(json, 'max_position_embeddings', source, 2048),
    epsilon: number(json, 'rms_norm_eps', 1e-6),
    ...rotaryOptions(json, source),
    tied: json['tie_word_embeddings'] === true,
  };
}

type Rotary = Pick<DecoderConfig, 'rotaryBase' | 'rotaryScaling'>;

/** Newer files keep everything about the angles under `rope_parameters`, older ones the stretching under `rope_scaling`. */
function rotaryOptions(json: Json, source: string): Rotary {
  const inner = json['rope_parameters'] ?? json['rope_scaling'];
  const options: Json = typeof inner === 'object' && inner !== null ? (inner as Json) : {};
  const rotaryBase = number(options, 'rope_theta', number(json, 'rope_theta', 10_000));
  const type = options['rope_type'] ?? options['type'] ?? 'default';
  if (type === 'default') return { rotaryBase };
  if (type !== 'llama3') {
    throw fail('P520', `${source}: rotary positions of the kind ${JSON.stringify(type)} are not supported here.`);
  }
  return {
    rotaryBase,
    rotaryScaling: {
      factor: number(options, 'factor', 8),
      lowTurns: number(options, 'low_freq_factor', 1),
      highTurns: number(options, 'high_freq_factor', 4),
      originalPositions: count(options, 'original_max_position_embeddings', source, 8192),
    },
  };
}
