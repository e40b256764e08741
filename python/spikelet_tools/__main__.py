"""The tools around Spikelet's engine, a command each.

A command is a module: its docstring is its help, `add_arguments(parser)` declares its options,
`check_arguments(parser, options)`, where there is one, refuses combinations, and `run(options)` is
what it does.
"""

from __future__ import annotations

import argparse
import ast
import importlib
import importlib.util
import sys
from pathlib import Path

COMMANDS = {
    "checks": {
        "accuracy": "checks.accuracy",
        "onnxruntime": "checks.onnxruntime_agreement",
        "boards": "checks.boards",
        "board-errors": "checks.board_errors",
        "c-library": "checks.c_library",
        "corruption": "checks.corruption",
        "deadlines": "checks.deadlines",
        "elf": "checks.elf",
        "event-instructions": "checks.event_instructions",
        "examples": "checks.examples",
        "frameworks-check": "frameworks.check",
        "installation": "checks.installation",
        "nir-check": "frameworks.nir_check",
        "nir-frameworks": "frameworks.nir_frameworks",
        "nir-nmnist": "frameworks.nir_nmnist",
        "nir-recurrent": "frameworks.nir_recurrent",
        "instructions": "checks.instructions",
        "profile": "checks.profile",
        "cost-model": "checks.cost_model",
        "linux": "checks.linux",
        "mutations": "checks.mutations",
        "opening": "checks.opening",
        "build-times": "checks.build_times",
        "readme": "checks.readme",
        "report-screenshots": "checks.report_screenshots",
        "serving": "checks.serving",
        "shards": "checks.shards",
        "tutorial": "checks.tutorial",
        "mlperf-tiny": "checks.mlperf_tiny",
        "recipes": "training.check_recipes",
        "recipes-cifar10": "training.check_cifar10",
    },
    "tables of docs/ (--check compares, otherwise they are written)": {
        "ecc-table": "tables.ecc_table",
        "exit-table": "tables.exit_table",
        "option-table": "tables.option_table",
        "single-timestep-table": "tables.single_timestep_table",
        "footprint": "tables.footprint",
        "training-results": "tables.training_results",
    },
    "benchmarks (python3 -m pip install -r Benchmarks/requirements.txt)": {
        "benchmarks": "benchmarks.command",
    },
    "installation (make install, make packages)": {
        "install": "packaging.install",
        "uninstall": "packaging.uninstall",
        "packages": "packaging.command",
    },
    "records": {
        "deployments": "record.deployments",
        "record-models": "record.models",
        "record-vectors": "record.vectors",
        "download-datasets": "download_datasets",
    },
    "training (python3 -m pip install -e 'python[training]')": {
        "train-lenet5": "training.train_lenet5",
        "train-single-timestep": "training.train_single_timestep",
        "train-cifar10": "training.train_cifar10",
        "train-nmnist": "training.nmnist_train",
        "cut-gestures": "training.nmnist_gestures",
        "export-cifar10": "training.export_cifar10",
        "pack-weights": "training.pack_weights",
        "simulate-conversion": "training.simulate_conversion",
        "float-goldens": "training.float_goldens",
        "onnx-goldens": "training.onnx_goldens",
    },
}
"""Every command's module, by group."""

# What needs ONNX Runtime and no PyTorch; the other commands with requirements are recipes.
ONNX_RUNTIME = {"onnxruntime", "onnx-goldens"}


def modules() -> dict[str, str]:
    """Every command's module, by name."""
    return {name: module for group in COMMANDS.values() for name, module in group.items()}


def summary(module: str) -> str:
    """The first line of a module's docstring, without importing what it needs."""
    path = Path(__file__).parent.joinpath(*module.split(".")).with_suffix(".py")
    documentation = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
    return documentation.partition("\n")[0]


def print_commands() -> None:
    """The help of the whole: every command with its sentence."""
    print("usage: scripts/tool COMMAND [OPTION …]      scripts/tool COMMAND --help says more\n")
    for group, commands in COMMANDS.items():
        print(f"{group}:")
        for name, module in commands.items():
            print(f"  {name:<22} {summary(module)}")
        print()


def load(name: str):
    """A command's module; says what to install where something is missing."""
    try:
        return importlib.import_module(f"spikelet_tools.{modules()[name]}")
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("spikelet_tools"):
            raise
        extra = "onnxruntime" if name in ONNX_RUNTIME else "training"
        sys.exit(f"{error.name} is missing: python3 -m pip install -e 'python[{extra}]'")


def main() -> None:
    """Runs the command that the first argument names."""
    name, rest = (sys.argv[1:2] or ["--help"])[0], sys.argv[2:]
    if name in ("-h", "--help", "help"):
        print_commands()
        return
    if name not in modules():
        sys.exit(f"there is no command {name}; scripts/tool --help lists them")
    module = load(name)
    parser = argparse.ArgumentParser(
        prog=f"scripts/tool {name}", description=module.__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter)
    module.add_arguments(parser)
    options = parser.parse_args(rest)
    if hasattr(module, "check_arguments"):
        module.check_arguments(parser, options)
    module.run(options)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit("interrupted")
