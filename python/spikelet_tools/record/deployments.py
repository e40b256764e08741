"""Lists the deployments of firmware-configs/."""

from __future__ import annotations

import argparse
import json

from spikelet_tools.deployments import all_deployments


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """--json."""
    parser.add_argument("--json", action="store_true", help="every deployment.json, by name")


def run(options: argparse.Namespace) -> None:
    """Prints the list."""
    if options.json:
        print(json.dumps({one.name: one.document for one in all_deployments()}, indent=2))
        return
    for one in all_deployments():
        kind = "one timestep" if one.is_single else "converted" if one.is_converted else "ladder"
        document = one.document
        print(f"{one.name:<28} {document['dataset']:<14} {document.get('board', ''):<22} {kind}"
              + (", early exit" if one.has_exit else "")
              + ("" if one.owner == one.name else f", network of {one.owner}"))
