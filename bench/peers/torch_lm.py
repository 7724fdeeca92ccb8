"""The same language models in torch: a step of training, and batched sampling with a cache of keys and values.

    python torch_lm.py train WIDTH LAYERS HEADS STEPS     # one JSON line: seconds of a step, torch's version and threads
    python torch_lm.py sample WIDTH LAYERS HEADS ROUNDS   # tokens a second over one process a core, each on one thread

Llama's layers (RMSNorm, rotary positions, SwiGLU, tied embedding), vocabulary 2048; 16 rows of 64 tokens a step with AdamW and
clipping; 64 texts of 32 tokens at once. Attention is torch's own fused kernel; nothing is compiled.
"""

import json
import multiprocessing
import os
import sys
import time

import torch
import torch.nn.functional as F
from torch import nn

VOCABULARY, BATCH, LENGTH, ROWS, TOKENS = 2048, 16, 64, 64, 32


class Block(nn.Module):
    def __init__(self, width, heads, hidden):
        super().__init__()
        self.heads, self.size = heads, width // heads
        self.first, self.second = nn.RMSNorm(width, eps=1e-5), nn.RMSNorm(width, eps=1e-5)
        self.qkv = nn.Linear(width, 3 * width, bias=False)
        self.out = nn.Linear(width, width, bias=False)
        self.gate_up = nn.Linear(width, 2 * hidden, bias=False)
        self.down = nn.Linear(hidden, width, bias=False)

    def forward(self, x, cosine, sine, past=None):
        rows, length, width = x.shape
        split = self.qkv(self.first(x)).view(rows, length, 3, self.heads, self.size).permute(2, 0, 3, 1, 4)
        q, k, v = split.unbind(0)
        turn = lambda y: y * cosine + torch.cat((-y[..., self.size // 2 :], y[..., : self.size // 2]), -1) * sine
        q, k = turn(q), turn(k)
        if past is not None:
            k, v = torch.cat((past[0], k), 2), torch.cat((past[1], v), 2)
        mixed = F.scaled_dot_product_attention(q, k, v, is_causal=past is None)
        x = x + self.out(mixed.transpose(1, 2).reshape(rows, length, width))
        gate, up = self.gate_up(self.second(x)).chunk(2, -1)
        return x + self.down(F.silu(gate) * up), (k, v)


class Model(nn.Module):
    def __init__(self, width, layers, heads):
        super().__init__()
        hidden = 32 * -(-width // 12)
        self.embedding = nn.Embedding(VOCABULARY, width)
        nn.init.normal_(self.embedding.weight, 0, 0.02)
        self.blocks = nn.ModuleList(Block(width, heads, hidden) for _ in range(layers))
        self.norm = nn.RMSNorm(width, eps=1e-5)
        size = width // heads
        angles = torch.arange(2 * LENGTH)[:, None] * 10000.0 ** (-torch.arange(0, size, 2) / size)
        self.register_buffer("cosine", torch.cat((angles, angles), -1).cos())
        self.register_buffer("sine", torch.cat((angles, angles), -1).sin())

    def forward(self, ids, start=0, past=None):
        x = self.embedding(ids)
        cosine, sine = (table[start : start + ids.shape[1]] for table in (self.cosine, self.sine))
        present = []
        for i, block in enumerate(self.blocks):
            x, kept = block(x, cosine, sine, None if past is None else past[i])
            present.append(kept)
        return F.linear(self.norm(x), self.embedding.weight), present


def train(width, layers, heads, steps):
    model = Model(width, layers, heads)
    optimiser = torch.optim.AdamW(model.parameters(), lr=3e-3, betas=(0.9, 0.98), weight_decay=0.1)
    seconds = []
    for _ in range(steps + 2):
        ids = torch.randint(VOCABULARY, (BATCH, LENGTH + 1))
        began = time.perf_counter()
        logits, _ = model(ids[:, :-1])
        loss = F.cross_entropy(logits.flatten(0, 1), ids[:, 1:].flatten())
        optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        seconds.append(time.perf_counter() - began)
    return sorted(seconds[2:])[steps // 2]


@torch.inference_mode()
def draw(model):
    ids, past = torch.zeros(ROWS, 1, dtype=torch.long), None
    for t in range(TOKENS):
        logits, past = model(ids, t, past)
        ids = torch.multinomial(torch.softmax(logits[:, -1], -1), 1)


def sample(arguments):
    width, layers, heads, rounds = arguments
    torch.set_num_threads(1)
    model = Model(width, layers, heads).eval()
    draw(model)
    began = time.perf_counter()
    for _ in range(rounds):
        draw(model)
    return rounds * ROWS * TOKENS / (time.perf_counter() - began)


if __name__ == "__main__":
    what, numbers = sys.argv[1], [int(word) for word in sys.argv[2:6]]
    said = {"torch": torch.__version__.split("+")[0], "threads": torch.get_num_threads()}
    if what == "train":
        print(json.dumps({**said, "seconds": train(*numbers)}))
    else:
        processes = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
        with multiprocessing.get_context("spawn").Pool(processes) as pool:
            rates = pool.map(sample, [numbers] * processes, chunksize=1)
        print(json.dumps({**said, "threads": processes, "tokensPerSecond": sum(rates)}))
