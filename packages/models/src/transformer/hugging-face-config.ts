import type { DecoderConfig } from './config.ts';

/** The `config.json` of a decoder in the Hugging Face layout; `end` is the token that starts and ends texts. */
export function huggingFaceConfig(config: DecoderConfig, end: number, type: 'float32' | 'float16'): object {
  const common = {
    bos_token_id: end,
    eos_token_id: end,
    vocab_size: config.vocabulary,
    tie_word_embeddings: config.tied,
    torch_dtype: type,
  };
  return config.family === 'gpt2'
    ? {
        architectures: ['GPT2LMHeadModel'],
        model_type: 'gpt2',
        ...common,
        n_embd: config.width,
        n_layer: config.layers,
        n_head: config.heads,
        n_inner: config.hidden,
        n_positions: config.positions,
        activation_function: ACTIVATIONS[config.activation],
        layer_norm_epsilon: config.epsilon,
      }
    : {
        architectures: ['LlamaForCausalLM'],
        model_type: 'llama',
        ...common,
        hidden_size: config.width,
        intermediate_size: config.hidden,
        num_hidden_layers: config.layers,
        num_attention_heads: config.heads,
        num_key_value_heads: config.keyHeads,
        head_dim: config.headSize,
        hidden_act: ACTIVATIONS[config.activation],
        max_position_embeddings: config.positions,
        rms_norm_eps: config.epsilon,
        rope_theta: config.rotaryBase,
        attention_bias: false,
        mlp_bias: false,
      };
}

const ACTIVATIONS = { gelu: 'gelu', geluTanh: 'gelu_new', silu: 'silu' } as const;
