"""Man pages, from what `--help` is made from.

The tool's come from its own description of its commands (`--experimental-dump-help`), the board
program's from the text of its `--help`; the exit codes from the table of docs/cli.md. A page
depends on nothing of the machine that writes it.
"""

from __future__ import annotations

import re
import textwrap
from datetime import datetime, timezone

from spikelet_tools.paths import ROOT
from spikelet_tools.processes import stop

# Defaults that differ from machine to machine.
MACHINE_DEFAULTS = {"jobs": "the number of processors"}
FIRST_FORMAT = 0


def escape(text: str) -> str:
    """Text as roff prints it; a line must not begin like a request."""
    text = text.replace("\\", "\\e").replace("-", "\\-")
    return re.sub(r"^([.'])", r"\\&\1", text, flags=re.MULTILINE)


def paragraph(text: str) -> list[str]:
    """The lines of a paragraph; what is in backticks is bold."""
    lines = textwrap.wrap(" ".join(text.split()), 72, break_long_words=False,
                          break_on_hyphens=False)
    return [re.sub(r"`([^`]+)`", r"\\fB\1\\fP", escape(line)) for line in lines]


def header(name: str, date: int, version: str, section: str = "1") -> list[str]:
    """The title line of a page."""
    day = datetime.fromtimestamp(date, timezone.utc).strftime("%Y-%m-%d")
    title = escape(name).upper()
    return [f'.TH {title} {section} {day} "Spikelet {version}" "Spikelet"']


def option_name(name: dict) -> str:
    """An option as it is typed."""
    return {"long": "--", "short": "-", "longWithSingleDash": "-"}[name["kind"]] + name["name"]


def label(argument: dict) -> str:
    """What stands left of an argument's description."""
    value = f"\\fI{escape(argument.get('valueName', 'value'))}\\fP"
    if argument["kind"] == "positional":
        return value
    names = sorted(argument["names"], key=lambda name: name["kind"] != "short")
    text = ", ".join(f"\\fB{escape(option_name(name))}\\fP" for name in names)
    return text if argument["kind"] == "flag" else f"{text} {value}"


def description(argument: dict) -> list[str]:
    """What an argument means, its words and its default."""
    notes = []
    if argument.get("allValues"):
        notes.append(f"values: {', '.join(argument['allValues'])}")
    default = MACHINE_DEFAULTS.get(argument.get("valueName", ""), argument.get("defaultValue"))
    if default is not None and argument["kind"] != "flag":
        notes.append(f"default: {default}")
    text = argument.get("abstract", "")
    if notes:
        text = f"{text} ({'; '.join(notes)})".strip()
    lines = paragraph(text)
    if argument.get("discussion"):
        lines += [".IP", *paragraph(argument["discussion"])]
    return lines


def synopsis(name: str, arguments: list[dict]) -> str:
    """How a command is typed."""
    words = [f"\\fB{escape(name)}\\fP"]
    if any(argument["kind"] != "positional" for argument in arguments):
        words.append("[\\fIoptions\\fP]")
    for argument in arguments:
        if argument["kind"] != "positional":
            continue
        word = f"\\fI{escape(argument['valueName'])}\\fP"
        word += " .\\|.\\|." if argument.get("isRepeating") else ""
        words.append(f"[{word}]" if argument.get("isOptional") else word)
    return " ".join(words)


def argument_sections(arguments: list[dict]) -> list[str]:
    """ARGUMENTS and OPTIONS."""
    lines = []
    for title, kinds in [("ARGUMENTS", {"positional"}), ("OPTIONS", {"option", "flag"})]:
        shown = [a for a in arguments if a["kind"] in kinds and a.get("shouldDisplay", True)]
        if shown:
            lines.append(f".SH {title}")
        for argument in shown:
            lines += [".TP", label(argument), *description(argument)]
    return lines


def exit_status() -> list[str]:
    """EXIT STATUS, from the table of docs/cli.md."""
    text = (ROOT / "docs" / "cli.md").read_text(encoding="utf-8")
    section = text.partition("## Exit codes")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| ([0-9n+ ]+) \| (.+) \|$", section, re.MULTILINE)
    if not rows:
        stop("docs/cli.md has no table of exit codes below \"## Exit codes\"")
    lines = [".SH EXIT STATUS"]
    for code, meaning in rows:
        lines += [".TP", f"\\fB{escape(code)}\\fP", *paragraph(meaning)]
    return lines


def command_page(command: dict, parents: list[str], date: int, version: str) -> str:
    """The page of one command."""
    words = [*parents, command["commandName"]]
    name, typed = "-".join(words), " ".join(words)
    arguments = command.get("arguments", [])
    summary = command.get("abstract", "").rstrip(".")
    subcommands = [one for one in command.get("subcommands", []) if one["commandName"] != "help"]
    lines = header(name, date, version)
    lines += [".SH NAME", f"{escape(name)} \\- {escape(summary[:1].lower() + summary[1:])}"]
    lines += [".SH SYNOPSIS", synopsis(typed, arguments)]
    if subcommands:
        lines += [".br", f"\\fB{escape(typed)}\\fP \\fIcommand\\fP [\\fIoptions\\fP] .\\|.\\|."]
    if command.get("discussion"):
        lines.append(".SH DESCRIPTION")
        for index, part in enumerate(command["discussion"].split("\n\n")):
            lines += [*([".PP"] if index else []), *paragraph(part)]
    if subcommands:
        lines.append(".SH COMMANDS")
        for one in subcommands:
            lines += [".TP", f"\\fB{escape(one['commandName'])}\\fP", *paragraph(one["abstract"])]
    lines += argument_sections(arguments)
    lines += exit_status()
    others = [f"{name}-{one['commandName']}" for one in subcommands]
    others += ["-".join(parents)] if parents else ["spikelet-board"]
    references = [f".BR {escape(other)} (1)" + ("," if other != others[-1] else "")
                  for other in others]
    lines += [".SH SEE ALSO", *references]
    return "\n".join(lines) + "\n"


def tool_pages(dump: dict, date: int, version: str) -> dict[str, str]:
    """Every page of the host's tool, by file name.

    `dump` is what `spikelet --experimental-dump-help` prints.
    """
    if dump.get("serializationVersion") != FIRST_FORMAT:
        stop(f"--experimental-dump-help has format {dump.get('serializationVersion')}, "
             f"needed {FIRST_FORMAT}")
    root = dump["command"]
    name = root["commandName"]
    pages = {f"{name}.1": command_page(root, [], date, version)}
    for command in root.get("subcommands", []):
        if command["commandName"] != "help" and command.get("shouldDisplay", True):
            page = command_page(command, [name], date, version)
            pages[f"{name}-{command['commandName']}.1"] = page
    return pages


def board_page(text: str, date: int, version: str) -> str:
    """The page of the board program, from the text of its --help."""
    first, *rest = text.strip("\n").split("\n\n")
    usage = [block for block in rest if re.match(r"  spikelet-board", block)]
    if not first.startswith("spikelet-board ") or len(usage) != 1:
        stop("the help of spikelet-board has another form than a man page is made from")
    lines = header("spikelet-board", date, version)
    summary = first.removeprefix("spikelet-board ").rstrip(".")
    lines += [".SH NAME", f"spikelet\\-board \\- {escape(summary)}", ".SH SYNOPSIS", ".nf"]
    lines += [escape(line.strip()) for line in usage[0].splitlines()]
    lines += [".fi", ".SH DESCRIPTION"]
    for block in rest:
        if block is usage[0]:
            continue
        if block.startswith("  -"):
            lines.append(".SH OPTIONS")
            for option in re.split(r"\n(?=  -)", block):
                name, _, meaning = option.strip().partition("  ")
                lines += [".TP", f"\\fB{escape(name)}\\fP", *paragraph(meaning)]
        elif block.startswith("Exit codes: "):
            lines += [".SH EXIT STATUS", *paragraph(block.removeprefix("Exit codes: "))]
        else:
            lines += [*([] if lines[-1].startswith(".SH") else [".PP"]), *paragraph(block)]
    lines += [".SH SEE ALSO", ".BR spikelet (1)"]
    return "\n".join(lines) + "\n"
