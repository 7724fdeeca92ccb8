import { createHash } from 'node:crypto';
import { type Parameter, parametersOf } from '../transformer/parameters.ts';
import type { LoraConfig } from '../transformer/config.ts';
import { Decoder } from '../transformer/decoder.ts';
import { sizeOf } from '../tensor/index.ts';

/** The layers that adapters change: all that are matrices within a block. */
const TARGETS: Readonly<Record<Decoder['config']['family'], readonly string[]>> = {
  gpt2: ['attn.c_attn', 'attn.c_proj', 'mlp.c_fc', 'mlp.c_proj'],
  llama: ['q_proj', 'k_proj', 'v_proj', 'o_proj', 'gate_proj', 'up_proj', 'down_proj'],
};

/** The decoder with adapters of a rank on every layer, which change nothing yet; rank 0 gives the decoder itself. */
export function withAdapters(decoder: Decoder, rank: number): Decoder {
  if (rank === 0) return decoder;
  const { config, runtime, tokens, weights } = decoder;
  const lora: LoraConfig = { rank, alpha: 2 * rank, targets: TARGETS[config.family] };
  const adapted = { ...config, lora };
  const fresh = parametersOf(adapted).filter(({ name }) => !weights.has(name));
  const all = new Map([...weights, ...fresh.map((p) => [p.name, initial(p)] as const)]);
  return new Decoder(runtime, adapted, all, tokens, true);
}

/** Where an adapter starts is the same for every seed: it only has to be generic. */
function initial({ name, shape, initial: spread }: Parameter): Float32Array {
  const out = new Float32Array(sizeOf(shape));
  if (typeof spread !== 'number') return out;
  for (let i = 0; i < out.length; i += 4) {
    const block = createHash('sha256').update(`${name} ${i}`).digest();
    for (let k = 0; k < 4 && i + k < out.length; k++) {
      const [u, v] = [block.readUInt32LE(8 * k), block.readUInt32LE(8 * k + 4)].map((x) => (x + 0.5) / 2 ** 32);
      out[i + k] = spread * Math.sqrt(-2 * Math.log(u)) * Math.cos(2 * Math.PI * v);
    }
  }
  return out;
}
