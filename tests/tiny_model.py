"""Write a llama model of random weights, half a megabyte, for llama.cpp's server: ``python -m tests.tiny_model FILE``.

It says nothing sensible, but answers over the real protocol, and with schema-constrained decoding its verdicts are
valid. Needs numpy and gguf, which the project does not depend on. See docs/LLAMA_SERVER.md.
"""

import sys
from pathlib import Path

WIDTH, LAYERS, HEADS, FEED_FORWARD, CONTEXT = 64, 2, 4, 128, 8192
SPECIALS = ("<unk>", "<s>", "</s>")
TEMPLATE = "{% for message in messages %}{{ message['content'] }}\n{% endfor %}"


def tokens() -> tuple[list[str], list[float], list[int]]:
    """Three specials, the 256 bytes, printable ASCII: texts, scores, and llama.cpp's token types."""
    control, byte, normal = 3, 6, 1
    printable = ["\u2581", *(chr(code) for code in range(33, 127))]
    texts = [*SPECIALS, *(f"<0x{value:02X}>" for value in range(256)), *printable]
    scores = [0.0] * (3 + 256) + [-float(i) for i in range(1, len(printable) + 1)]
    return texts, scores, [2, control, control] + [byte] * 256 + [normal] * len(printable)


def write(path: Path) -> None:
    import numpy as np
    from gguf import GGUFWriter

    texts, scores, types = tokens()
    random = np.random.default_rng(1)

    def matrix(rows: int, columns: int) -> "np.ndarray":
        return (random.standard_normal((rows, columns)) / np.sqrt(columns)).astype(np.float32)

    writer = GGUFWriter(str(path), "llama")
    writer.add_name("tiny-random")
    writer.add_context_length(CONTEXT)
    writer.add_embedding_length(WIDTH)
    writer.add_block_count(LAYERS)
    writer.add_feed_forward_length(FEED_FORWARD)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(HEADS)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_rope_dimension_count(WIDTH // HEADS)
    writer.add_vocab_size(len(texts))
    writer.add_tokenizer_model("llama")
    writer.add_token_list(texts)
    writer.add_token_scores(scores)
    writer.add_token_types(types)
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(2)
    writer.add_unk_token_id(0)
    writer.add_chat_template(TEMPLATE)

    embedding = matrix(len(texts), WIDTH)
    embedding[:, 0] = 4.0  # a constant dimension, so that the same column of the output is a bias per token
    output = matrix(len(texts), WIDTH)
    output[:, 0] = 0.0
    output[: 3 + 256, 0] = -6.0  # away from control tokens and raw bytes
    output[2, 0] = -1.0  # but the end must be likely enough to be reached
    writer.add_tensor("token_embd.weight", embedding)
    writer.add_tensor("output.weight", output)
    writer.add_tensor("output_norm.weight", np.ones(WIDTH, dtype=np.float32))
    for layer in range(LAYERS):
        for name in ("attn_q", "attn_k", "attn_v", "attn_output"):
            writer.add_tensor(f"blk.{layer}.{name}.weight", matrix(WIDTH, WIDTH) * 0.1)
        writer.add_tensor(f"blk.{layer}.ffn_gate.weight", matrix(FEED_FORWARD, WIDTH) * 0.1)
        writer.add_tensor(f"blk.{layer}.ffn_up.weight", matrix(FEED_FORWARD, WIDTH) * 0.1)
        writer.add_tensor(f"blk.{layer}.ffn_down.weight", matrix(WIDTH, FEED_FORWARD) * 0.1)
        for name in ("attn_norm", "ffn_norm"):
            writer.add_tensor(f"blk.{layer}.{name}.weight", np.ones(WIDTH, dtype=np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


if __name__ == "__main__":
    write(Path(sys.argv[1]))
