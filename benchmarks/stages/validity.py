"""The claims of the domain on the four real order sets: what the table in the docs is made of.

On each set the spec is fitted on the first half of the span, and the second
half judges, as `stagecast validity` does.

    python benchmarks/stages/validity.py FOLDER_OF_ORDER_SETS [--reports FOLDER]
"""

import argparse
from pathlib import Path

import pandas as pd

from features.clock import to_date
from stagecast import Config, check, validity
from training.validity.folder import save
from training.validity.report import Validity, markdown
from training.validity.verdicts import HOLDS, effects_in_words

SETS = {"online_retail_2": "28d", "cdnow": "28d", "completejourney": "14d", "btydplus_grocery": "28d"}
"""Order sets and their periods."""


def judge(path: Path, period: str) -> Validity:
    """Validity of the stages on all orders of a set."""
    config = Config().overridden("training", period=period)
    clean = check(str(path), config)
    end = config.the_clock.after((clean.report.last.date() - pd.Timestamp(0).date()).days)
    return validity(clean, to_date(end).isoformat(), config)


def column(found: Validity) -> list[str]:
    """Verdict, effect and interval of each claim; a claim that holds is told by its effect alone."""
    verdicts = found.claims["verdict"]
    effects = effects_in_words(found.claims)
    return [
        effect if verdict == HOLDS else f"{effect} **{verdict}**"
        for effect, verdict in zip(effects, verdicts, strict=True)
    ]


def main() -> None:
    """Print one table, claims by sets; write the whole reports where asked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="where the Parquet files of the sets lie")
    parser.add_argument("--reports", type=Path, help="write each set's report into a folder of its own, in this one")
    asked = parser.parse_args()
    found = {name: judge(asked.folder / f"{name}.parquet", period) for name, period in SETS.items()}
    first = next(iter(found.values())).claims
    claims = pd.DataFrame({"stage": first["stage"], "claim": first["says"]})
    print(markdown(claims.assign(**{name: column(each) for name, each in found.items()})))
    for name, each in found.items():
        print(f"\n{name}: {each.verdict}")
        if asked.reports:
            save(each, asked.reports / name)


if __name__ == "__main__":
    main()
