"""The gallery: a page for each configuration, from its header, its picture and the file itself."""

from __future__ import annotations

import shlex

from docs.generators.headers import Example, examples
from docs.generators.markdown import prose, toctree

INTRODUCTION = """# Gallery

Every configuration of `configs/` and every study of `configs/studies/`: what it shows, the paper it
follows, how long it takes, and numbers to expect. The tests run them and compare each of these numbers.

"""


def pages() -> dict[str, str]:
    """An index with pictures, and a page for each."""
    known = examples()
    singles = [one for one in known if not one.is_study]
    studies = [one for one in known if one.is_study]
    parts = [INTRODUCTION, _cards(singles), "## Studies of many runs\n\n", _cards(studies)]
    parts.append(toctree((f"{one.short_title} <{one.page}>" for one in known), hidden=True))
    return {"gallery/index": "".join(parts)} | {f"gallery/{one.page}": page(one) for one in known}


def _cards(some: list[Example]) -> str:
    """A list that the style sheet sets as a grid: picture and title, both leading to the page."""
    return "{.gallery}\n" + "".join(f"- {_card(one)}\n" for one in some) + "\n"


def _card(one: Example) -> str:
    picture = (
        f"[![{one.title}](../../gallery/{one.picture.name})]({one.page}.md) " if one.picture.exists() else ""
    )
    return f"{picture}[{prose(one.title)}]({one.page}.md)"


def page(one: Example) -> str:
    """Text, picture and configuration."""
    commands = "\n".join(shlex.join(command) for command in one.commands)
    picture = f"![{one.title}](../../gallery/{one.picture.name})\n\n" if one.picture.exists() else ""
    shows, takes, expect = (prose(" ".join(one.part(name))) for name in ("Shows", "Takes", "Expect"))
    return (
        f"# {prose(one.title)}\n\n{picture}{shows}\n\n"
        f"**Takes** {takes}\n\n**Expect** {expect}\n\n"
        f"```sh\n{commands}\n```\n\n"
        f"## configs/{one.name}.yaml\n\n```yaml\n{one.configuration}\n```\n"
    )
