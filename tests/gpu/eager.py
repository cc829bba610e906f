#!/usr/bin/env python3
"""What RwkvSk's GPU decoder is compared with, by PyTorch in eager mode and with random weights: a step of RWKV-7 of the
published sizes, and a token of a transformer of LLaVA-1.5-7B's shape after 1K to 24K tokens (where transformers is
installed). Prints Markdown. Exit 2: there is no torch with CUDA."""

import argparse
import re
import sys
import time

try:
    import torch
    import torch.nn.functional as F
except ImportError:
    torch = None

# name: layers, width, low ranks of decay, rate, residual, gate
SIZES = {
    "0.1B": (12, 768, (64, 64, 32, 128)),
    "0.4B": (24, 1024, (64, 64, 32, 128)),
    "1.5B": (24, 2048, (96, 96, 64, 256)),
    "2.9B": (32, 2560, (96, 96, 64, 320)),
    "7.2B": (32, 4096, (128, 128, 96, 480)),
}
VOCABULARY, HEAD = 65536, 64


class Rwkv7:
    """One token of B sequences at a time. Matrices are fp16; norms, states and the recurrence are fp32."""

    def __init__(self, layers, width, ranks):
        self.width, self.heads = width, width // HEAD
        matrix = lambda rows, columns: torch.randn(rows, columns, device="cuda", dtype=torch.float16) / columns**0.5
        vector = lambda: torch.rand(width, device="cuda")
        self.embedding, self.head = matrix(VOCABULARY, width), matrix(VOCABULARY, width)
        self.layers = []
        for _ in range(layers):
            self.layers.append({
                "mix": torch.rand(6, width, device="cuda"), "ffn_mix": vector(),
                "r": matrix(width, width), "k": matrix(width, width), "v": matrix(width, width), "o": matrix(width, width),
                "pairs": [(matrix(rank, width), matrix(width, rank)) for rank in ranks],
                "decay": vector(), "rate": vector(), "residual": vector(), "removal": vector(), "key_rate": vector(),
                "bonus": torch.rand(self.heads, HEAD, device="cuda"),
                "norms": [vector() for _ in range(6)],
                "ffn_k": matrix(4 * width, width), "ffn_v": matrix(width, 4 * width),
            })

    def state(self, batch):
        zeros = lambda *shape: torch.zeros(*shape, device="cuda")
        return [[zeros(batch, self.width), zeros(batch, self.heads, HEAD, HEAD), zeros(batch, self.width)] for _ in self.layers]

    def step(self, tokens, state):
        narrow = lambda x: x.to(torch.float16)
        product = lambda x, w: F.linear(narrow(x), w).float()
        x, first = self.embedding[tokens].float(), None
        for layer, kept in zip(self.layers, state):
            norms = layer["norms"]
            normed = F.layer_norm(x, (self.width,), norms[0], norms[1])
            mixed = normed + (kept[0] - normed) * layer["mix"][:, None]
            kept[0] = normed
            r, k, v = (product(mixed[i], layer[name]) for i, name in ((0, "r"), (1, "k"), (2, "v")))
            low = lambda i, x, between=lambda y: y: product(between(product(x, layer["pairs"][i][0])), layer["pairs"][i][1])
            decay = torch.exp(-0.606531 * torch.sigmoid(layer["decay"] + low(0, mixed[3], torch.tanh)))
            rate = torch.sigmoid(layer["rate"] + low(1, mixed[4]))
            gate = low(3, mixed[5], torch.sigmoid)
            if first is None:
                first = v
            else:
                v = v + (first - v) * torch.sigmoid(layer["residual"] + low(2, mixed[2]))
            heads = lambda y: y.view(-1, self.heads, HEAD)
            removed = F.normalize(heads(k * layer["removal"]), dim=-1)
            k = k * (1 + (rate - 1) * layer["key_rate"])
            r, k, v, decay, rate = map(heads, (r, k, v, decay, rate))
            s = kept[1]
            s = s * decay[:, :, None] - (s @ removed[..., None]) @ (removed * rate)[:, :, None] + v[..., None] @ k[:, :, None]
            kept[1] = s
            y = (s @ r[..., None]).view(-1, self.width)
            y = F.group_norm(y, self.heads, norms[2], norms[3], 64e-5)
            y = y + ((r * k * layer["bonus"]).sum(-1, keepdim=True) * v).view(-1, self.width)
            x = x + product(y * gate, layer["o"])
            normed = F.layer_norm(x, (self.width,), norms[4], norms[5])
            mixed = normed + (kept[2] - normed) * layer["ffn_mix"]
            kept[2] = normed
            x = x + product(torch.relu(product(mixed, layer["ffn_k"])) ** 2, layer["ffn_v"])
        return product(F.layer_norm(x, (self.width,)), self.head)


def median_seconds(run, rounds, repeats):
    times = []
    for round in range(-1, rounds):
        torch.cuda.synchronize()
        start = time.perf_counter()
        for _ in range(repeats):
            run()
        torch.cuda.synchronize()
        if round >= 0:
            times.append((time.perf_counter() - start) / repeats)
    return sorted(times)[len(times) // 2]


def gigabytes():
    return torch.cuda.max_memory_allocated() / 1e9


def measure_rwkv(names, batches):
    print(f"PyTorch {torch.__version__}, {torch.cuda.get_device_name()}\n")
    print("| RWKV-7, fp16, eager | batch | ms per step | tokens/s | peak GB |\n|---|---:|---:|---:|---:|")
    for name in names:
        model = Rwkv7(*SIZES[name])
        for batch in batches:
            torch.cuda.reset_peak_memory_stats()
            state, tokens = model.state(batch), torch.arange(batch, device="cuda")
            seconds = median_seconds(lambda: model.step(tokens, state), 5, 8)
            print(f"| {name} | {batch} | {seconds * 1e3:.2f} | {batch / seconds:.0f} | {gigabytes():.1f} |", flush=True)
            del state
        del model
        torch.cuda.empty_cache()


def measure_transformer(lengths, small):
    """Token rate and peak memory after so many tokens; None where transformers is not installed."""
    try:
        from transformers import LlamaConfig, LlamaForCausalLM
    except ImportError:
        print("\ntransformers is not installed: the transformer was not measured.")
        return None
    config = LlamaConfig(hidden_size=4096, intermediate_size=11008, num_hidden_layers=2 if small else 32, num_attention_heads=32,
                         num_key_value_heads=32, vocab_size=32000, max_position_embeddings=32768)
    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.float16)
    with torch.device("cuda"):
        model = LlamaForCausalLM(config).eval()
    torch.set_default_dtype(before)
    print("\n| Transformer of LLaVA-1.5-7B's shape, fp16 | tokens before | ms per token | tokens/s | peak GB |\n|---|---:|---:|---:|---:|")
    result = {}
    for length in lengths:
        torch.cuda.empty_cache()
        torch.cuda.reset_peak_memory_stats()
        cache = None
        for at in range(0, length, 1024):
            ids = torch.randint(0, 32000, (1, min(1024, length - at)), device="cuda")
            cache = model(ids, past_key_values=cache, use_cache=True, logits_to_keep=1).past_key_values
        token = torch.zeros(1, 1, dtype=torch.long, device="cuda")
        seconds = median_seconds(lambda: model(token, past_key_values=cache, use_cache=True), 3, 8)   # 32 tokens more by the end
        result[length] = (1 / seconds, gigabytes())
        print(f"| | {length} | {seconds * 1e3:.2f} | {1 / seconds:.1f} | {gigabytes():.1f} |", flush=True)
        del cache
    return result


def compare(path, transformer):
    """RwkvSk's 7.2B beside the transformer, where the report has both."""
    text = open(path, encoding="utf-8").read()
    number = lambda cell: float(cell.replace(",", ""))
    step = re.search(r"### decode, rwkv7-7\.2B in .*?\n\| 1 at once, logits to the host \|.*?\| ([\d.,]+) \|\n", text, re.S)
    memory = re.search(r"### GPU memory in use beside rwkv7-7\.2B\n.*?\| of the whole device.*?\| ([\d.,]+) GB \|", text, re.S)
    if step is None or not transformer:
        return
    length = max(transformer)
    rate, used = transformer[length]
    print(f"\nAfter {length} tokens RwkvSk's 7.2B decodes {number(step[1]) / rate:.2f} times as many tokens per second as the transformer", end="")
    print("." if memory is None else f", in {100 * number(memory[1]) / used:.0f} % of its memory (the whole device's, prefill's weights among it).")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="small sizes, few lengths")
    parser.add_argument("--ours", help="the Markdown of the gpu benchmarks, to compare with")
    arguments = parser.parse_args()
    if torch is None or not torch.cuda.is_available():
        print("There is no torch with CUDA here: nothing was measured.", file=sys.stderr)
        return 2
    with torch.inference_mode():
        if arguments.quick:
            measure_rwkv(["0.1B"], [1, 8])
            transformer = measure_transformer([1024, 2048], small=True)
        else:
            measure_rwkv(list(SIZES), [1, 8, 32, 128, 320])
            transformer = measure_transformer([1024, 2048, 4096, 8192, 16384, 24576], small=False)
    if arguments.ours and not arguments.quick:
        compare(arguments.ours, transformer)
    return 0


if __name__ == "__main__":
    sys.exit(main())
