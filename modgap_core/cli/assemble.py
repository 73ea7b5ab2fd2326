"""The command ``modgap assemble``: the paper's LSLM from its parts."""

from __future__ import annotations

import argparse
from pathlib import Path

from modgap_core.cli.options import Commands


def add(commands: Commands) -> None:
    """Add the command to the command line."""
    command = commands.add_parser("assemble", help="write the paper's LSLM from encoder, backbone and adapter weights")
    command.add_argument("--encoder", type=Path, required=True, help="folder of a Whisper")
    command.add_argument("--backbone", type=Path, required=True, help="folder of a causal LM")
    command.add_argument("--adapter", type=Path, required=True, help="safetensors with linear_1 and linear_2")
    command.add_argument("--lora", type=Path, default=None, help="folder of a peft adapter of the backbone")
    command.add_argument("--out", type=Path, required=True, help="the new model folder")
    command.set_defaults(run=_run)


def _run(options: argparse.Namespace) -> None:
    from modgap_core.models.lslm.assemble import assemble_lslm

    folder = assemble_lslm(options.encoder, options.backbone, options.adapter, options.out, options.lora)
    print(f"Wrote {folder}. Check it with: modgap doctor {folder}")
