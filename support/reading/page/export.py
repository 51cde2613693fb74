"""The page as one file, which needs no Python and asks no other address for anything.

The modules of static/ become one script, the network's values lie in the page as 16-bit floats,
and the page's policy lets the browser run this script and fetch nothing.
"""

import base64
import hashlib
import json
import re
from pathlib import Path

import numpy as np

from support.ground import OutputError, atomic, printable
from support.reading.page import examples, server
from support.reading.page.model import Model, description, encoded, plan

IMPORT = re.compile(r'^import .* from "\./(.+)";\n', re.MULTILINE)
MAX_HALF = 65504  # the largest 16-bit float: IEEE 754, binary16


def write(session, network, args) -> None:
    """Write the page of a trained network to the file args.export, and print its size.

    Raises:
        OutputError: the network has operations that the page cannot compute, or the file cannot
            be written.
    """
    plan(network)  # raises
    model = Model(session, network)
    about = description(model, args.lesson, examples.read(Path(args.out, "examples.npz")))
    values = {name: model.value(name) for name in model.shapes}
    if not all((np.abs(value) <= MAX_HALF).all() for value in values.values()):
        raise OutputError(args.export, "a weight is too large for a 16-bit float")
    about["values"] = {name: encoded(value, "<f2") for name, value in values.items()}
    content = page(about).encode()
    with atomic(args.export) as temporary:
        temporary.write_bytes(content)
    print(printable(f"{args.export}: the page in one file, {len(content) / 1e6:.2f} MB"))


def page(about: dict) -> str:
    """Return the page, HTML, of a description as description() returns it, with "values"."""
    style = server.STATIC.joinpath("page.css").read_text("utf-8")
    script = bundle("exported.js")
    rules = ["default-src 'none'", "img-src data: blob:", "base-uri 'none'", "form-action 'none'"]
    policy = "; ".join([*rules, f"script-src {_source(script)}", f"style-src {_source(style)}"])
    data = json.dumps(about).replace("<", "\\u003c")
    parts = {
        "<head>": f'<head>\n<meta http-equiv="Content-Security-Policy" content="{policy}">',
        '<link rel="stylesheet" href="page.css">': f"<style>{style}</style>",
        '<script type="module" src="served.js"></script>': (
            f'<script type="application/json" id="network">{data}</script>\n'
            f'<script type="module">{script}</script>'
        ),
    }
    html = server.STATIC.joinpath("index.html").read_text("utf-8")
    for old, new in parts.items():
        assert html.count(old) == 1, old
        html = html.replace(old, new)
    return html


def bundle(name: str, done: set[str] | None = None) -> str:
    """Return a module of static/ and all that it imports as one script, each once, in order.

    No two modules have a top-level name in common: a browser would refuse the script.
    """
    done = {name} if done is None else done
    code, before = server.STATIC.joinpath(name).read_text("utf-8"), []
    for other in IMPORT.findall(code):
        if other not in done:
            done.add(other)
            before.append(bundle(other, done))
    code = re.sub("^export ", "", IMPORT.sub("", code), flags=re.MULTILINE)
    return "".join([*before, f"// {name}\n{code}\n"])


def _source(text):
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
