"""Times a training step of PyTorch: the models, batches and optimizer of thor micro's training steps.

usage: python3 torch_steps.py MODEL DEVICE [tf32]   ->   prints the median milliseconds of a step
"""
import statistics
import sys
import time

import torch
from torch import nn

WARM_UP, BLOCKS, STEPS = 20, 9, 10


class Block(nn.Module):
    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
        self.norm1 = nn.BatchNorm2d(outputs)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False)
        self.norm2 = nn.BatchNorm2d(outputs)
        same = stride == 1 and inputs == outputs
        self.shortcut = nn.Identity() if same else nn.Sequential(nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs))

    def forward(self, x):
        y = torch.relu(self.norm1(self.conv1(x)))
        return torch.relu(self.norm2(self.conv2(y)) + self.shortcut(x))


def resnet20():
    widths = [(16, 16, 1), (16, 16, 1), (16, 16, 1), (16, 32, 2), (32, 32, 1), (32, 32, 1), (32, 64, 2), (64, 64, 1), (64, 64, 1)]
    stem = [nn.Conv2d(3, 16, 3, 1, 1, bias=False), nn.BatchNorm2d(16), nn.ReLU()]
    return nn.Sequential(*stem, *[Block(*w) for w in widths], nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(64, 10))


def lenet():
    return nn.Sequential(
        nn.Conv2d(1, 32, 5, padding=2), nn.MaxPool2d(2), nn.ReLU(), nn.Conv2d(32, 64, 5, padding=2), nn.MaxPool2d(2), nn.ReLU(),
        nn.Flatten(), nn.Linear(3136, 512), nn.ReLU(), nn.Linear(512, 10))


def mlp():
    return nn.Sequential(nn.Linear(784, 512), nn.ReLU(), nn.Linear(512, 512), nn.ReLU(), nn.Linear(512, 10))


class Encoder(nn.Module):
    def __init__(self, vocabulary=1000, positions=128, width=128, heads=2, layers=2):
        super().__init__()
        self.tokens = nn.Embedding(vocabulary, width)
        self.positions = nn.Embedding(positions, width)
        self.norm = nn.LayerNorm(width)
        layer = nn.TransformerEncoderLayer(width, heads, 4 * width, dropout=0.0, activation="gelu", batch_first=True)
        self.layers = nn.TransformerEncoder(layer, layers)
        self.head = nn.Linear(width, vocabulary)

    def forward(self, ids):
        where = torch.arange(ids.shape[1], device=ids.device)
        return self.head(self.layers(self.norm(self.tokens(ids) + self.positions(where)))).flatten(0, 1)


def workload(name, device):
    torch.manual_seed(1)
    if name == "encoder":
        ids = torch.randint(1000, (32, 128), device=device)
        return Encoder().to(device), ids, torch.randint(1000, (32 * 128,), device=device)
    model, shape = {"resnet20": (resnet20, (128, 3, 32, 32)), "lenet": (lenet, (128, 1, 28, 28)), "mlp": (mlp, (256, 784))}[name]
    return model().to(device), torch.randn(shape, device=device), torch.randint(10, (shape[0],), device=device)


def main():
    name, device = sys.argv[1], sys.argv[2]
    allow = len(sys.argv) > 3 and sys.argv[3] == "tf32"
    torch.backends.cuda.matmul.allow_tf32 = allow
    torch.backends.cudnn.allow_tf32 = allow
    model, inputs, labels = workload(name, device)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9, nesterov=True)
    loss_of = nn.CrossEntropyLoss()
    wait = torch.cuda.synchronize if device.startswith("cuda") else (lambda: None)

    def step():
        optimizer.zero_grad(set_to_none=True)
        loss_of(model(inputs), labels).backward()
        optimizer.step()

    for _ in range(WARM_UP):
        step()
    times = []
    for _ in range(BLOCKS):
        wait()
        start = time.perf_counter()
        for _ in range(STEPS):
            step()
        wait()
        times.append((time.perf_counter() - start) / STEPS * 1e3)
    print(statistics.median(times))


main()
