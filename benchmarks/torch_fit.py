"""The same layers in plain PyTorch, timed on images of noise. Runs wherever PyTorch does; reensayo not needed.

    python benchmarks/torch_fit.py SPEC.json      # written by speed.py

L2 and the activation of the outputs are left out, which is a little less work. Prints JSON: seconds of each epoch,
validation included, in the faster of PyTorch's two orders of axes, and peak memory of the process in bytes.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from pathlib import Path

import torch
from torch import nn


def layer(name: str, config: dict) -> list[nn.Module]:
    """What a Keras layer is in PyTorch; its inputs are counted when it is first called."""
    activation = [nn.ReLU()] if config.get("activation") == "relu" else []  # that of the outputs is left to the loss
    made = {
        "Conv2D": lambda c: nn.LazyConv2d(c["filters"], c["kernel_size"], padding=c["padding"]),
        "MaxPooling2D": lambda c: nn.MaxPool2d(c["pool_size"], c["strides"]),
        "BatchNormalization2": lambda c: nn.LazyBatchNorm2d(),
        "BatchNormalization1": lambda c: nn.LazyBatchNorm1d(),
        "Dropout": lambda c: nn.Dropout(c["rate"]),
        "Flatten": lambda c: nn.Flatten(),
        "Dense": lambda c: nn.LazyLinear(c["units"]),
    }
    return [made[name](config), *activation]


def network(spec: dict) -> nn.Sequential:
    flat, modules = False, []
    for name, config in spec["layers"]:
        flat = flat or name == "Flatten"
        by_axes = f"{name}{1 if flat else 2}" if name == "BatchNormalization" else name
        modules += layer(by_axes, config)
    return nn.Sequential(*modules)


def epochs(spec: dict, order: torch.memory_format) -> list[float]:
    """Seconds of each epoch of one training."""
    height, width, channels = spec["shape"]
    x, x_val = (
        torch.rand(spec[n], channels, height, width).contiguous(memory_format=order) for n in ("examples", "validation")
    )
    y, y_val = (torch.randint(spec["classes"], (spec[n],)) for n in ("examples", "validation"))
    model, size = network(spec), spec["batch_size"]
    model(x[:2])
    model = model.to(memory_format=order)
    optimizer = getattr(torch.optim, spec["optimizer"])(model.parameters(), spec["learning_rate"])
    loss_of, seconds = nn.CrossEntropyLoss(), []
    for _ in range(spec["epochs"]):
        started = time.perf_counter()
        model.train()
        right, loss_sum = torch.zeros(()), torch.zeros(())
        for batch in torch.randperm(len(x)).split(size):
            optimizer.zero_grad()
            outputs = model(x[batch].contiguous(memory_format=order))
            loss = loss_of(outputs, y[batch])
            loss.backward()
            optimizer.step()
            right += (outputs.argmax(1) == y[batch]).sum()
            loss_sum += loss.detach() * len(batch)
        model.eval()
        with torch.inference_mode():
            for x_some, y_some in zip(x_val.split(size), y_val.split(size), strict=True):
                outputs = model(x_some)
                right += (outputs.argmax(1) == y_some).sum()
                loss_sum += loss_of(outputs, y_some) * len(y_some)
        seconds.append(time.perf_counter() - started)
    return seconds


def main(spec: dict) -> dict:
    orders = [epochs(spec, order) for order in (torch.contiguous_format, torch.channels_last)]
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    return {"epochs": min(orders, key=lambda seconds: min(seconds[1:])), "peak": peak}


if __name__ == "__main__":
    print(json.dumps(main(json.loads(Path(sys.argv[1]).read_text()))))
