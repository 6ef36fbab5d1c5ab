"""A phrase of our hybrid network from a process's start, as a script in PyTorch gets it: python once.py FOLDER"""
import sys

import torch
from networks import hybrid
from safetensors.torch import load_file

m = load_file(f"{sys.argv[1]}/hybrid.safetensors")
with torch.inference_mode():
    print(int((hybrid(m, m["z"][:1]) > 0).sum()))
