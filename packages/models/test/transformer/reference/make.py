"""Writes the reference numbers of ../torch.test.ts: small random decoders as torch and transformers calculate them.

    python make.py            # writes fixtures/NAME/{config.json, model.safetensors, reference.safetensors} and versions.json

Each model has inputs `ids` and `targets` [rows * length] and `coefficients` [rows * length]; the reference holds its `logits`
[rows * length, vocabulary], `logProbs` [rows * length, 1] of the targets, nats, and for each parameter `gradient:NAME` of
sum coefficients * logProbs. All in single precision, on the CPU, with the plain ("eager") attention.
"""

import json
import pathlib
import platform

import safetensors
import safetensors.torch
import torch
import transformers
from transformers import GPT2Config, GPT2LMHeadModel, LlamaConfig, LlamaForCausalLM

HERE = pathlib.Path(__file__).parent
ROWS, LENGTH = 2, 7


def gpt2(**options):
    sizes = dict(vocab_size=23, n_embd=12, n_layer=2, n_head=3, n_positions=9)
    return GPT2LMHeadModel, GPT2Config(**{**sizes, **options}, bos_token_id=0, eos_token_id=0, attn_implementation="eager")


def llama(theta=10000.0, scaling=None, **options):
    sizes = dict(vocab_size=19, hidden_size=12, intermediate_size=20, num_hidden_layers=2, max_position_embeddings=16)
    rope = {"rope_type": "default", "rope_theta": theta, **(scaling or {})}
    config = LlamaConfig(
        **{**sizes, **options}, rope_parameters=rope, bos_token_id=0, eos_token_id=0, attn_implementation="eager"
    )
    return LlamaForCausalLM, config


MODELS = {
    "gpt2-tied": gpt2(),
    "gpt2-untied": gpt2(tie_word_embeddings=False, activation_function="gelu", n_inner=20, layer_norm_epsilon=1e-3),
    "llama-grouped": llama(num_attention_heads=4, num_key_value_heads=2, head_dim=4, rms_norm_eps=1e-6),
    "llama-tied": llama(
        theta=500000.0, num_attention_heads=3, num_key_value_heads=1, tie_word_embeddings=True, rms_norm_eps=1e-3
    ),
    "llama-scaled": llama(
        theta=500.0,
        scaling=dict(
            rope_type="llama3",
            factor=8.0,
            low_freq_factor=1.0,
            high_freq_factor=4.0,
            original_max_position_embeddings=64,
        ),
        num_attention_heads=2,
        num_key_value_heads=2,
        head_dim=8,
        max_position_embeddings=128,
    ),
}


def randomise(model):
    """Weights large enough that attention is far from uniform and no term is negligible, small enough that nothing is steep."""
    for name, weight in model.named_parameters():
        with torch.no_grad():
            if "wte" in name or "embed_tokens" in name:
                weight.normal_(0, 1)
            elif weight.ndim > 1:
                weight.normal_(0, 0.3)
            else:
                weight.normal_(0 if name.endswith("bias") else 1, 0.2)


def write(name, kind, config):
    torch.manual_seed(len(name) * 1000 + sum(name.encode()))
    model = kind(config).eval()
    randomise(model)
    ids = torch.randint(config.vocab_size, (ROWS, LENGTH))
    targets = torch.randint(config.vocab_size, (ROWS, LENGTH))
    coefficients = torch.randn(ROWS, LENGTH)
    logits = model(input_ids=ids).logits
    log_probs = torch.log_softmax(logits, -1).gather(-1, targets[..., None])[..., 0]
    (coefficients * log_probs).sum().backward()
    folder = HERE / "fixtures" / name
    model.save_pretrained(folder)
    (folder / "generation_config.json").unlink(missing_ok=True)
    numbers = {
        "ids": ids.flatten().to(torch.float32),
        "targets": targets.flatten().to(torch.float32),
        "coefficients": coefficients.flatten(),
        "logits": logits.detach().flatten(0, 1),
        "logProbs": log_probs.detach().reshape(-1, 1),
        **{f"gradient:{key}": weight.grad for key, weight in model.named_parameters()},
    }
    safetensors.torch.save_file({k: v.contiguous() for k, v in numbers.items()}, folder / "reference.safetensors")


if __name__ == "__main__":
    torch.set_num_threads(1)
    for name, (kind, config) in MODELS.items():
        write(name, kind, config)
    versions = {
        "python": platform.python_version(),
        "torch": torch.__version__.split("+")[0],
        "transformers": transformers.__version__,
        "safetensors": safetensors.__version__,
    }
    (HERE / "fixtures" / "versions.json").write_text(json.dumps(versions, indent=2) + "\n")
