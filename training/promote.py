"""Move the alias `champion`, under a lock: forward to a challenger that has won, back to the champion before."""

from dataclasses import dataclass, field
from typing import Literal

import mlflow
from mlflow.entities.model_registry import ModelVersion

from features.errors import BusyError, GateError, ModelError
from features.model.store import lock, open_store, quiet
from training.chosen import REFIT
from training.forecasts import Said
from training.gate.champions import (
    CHALLENGER,
    CHAMPION,
    Champion,
    aliased,
    champion,
    reigns,
    spec_hash,
    version_if_any,
    version_of,
    write_reigns,
)
from training.gate.evidence import Evidence, said_by
from training.gate.shelf import demanded_evidence, describe, evidence_of, signed
from training.gate.standing import Stood
from training.gate.verdict import Verdict, judge_challenger
from training.judge import Judging
from training.ladder import MODEL

__all__ = ["CHALLENGER", "CHAMPION", "Champion", "Promotion", "Rollback", "Terms", "champion", "promote", "rollback"]

Gate = Literal["better", "same spec"]
"""What a challenger is asked for: to win, and to keep the champion's stage spec."""


@dataclass(frozen=True)
class Terms:
    """On what terms a version is to be promoted.

    Attributes:
        judging: how to draw customers, and the costs of a campaign.
        fewest: customers that are enough, of a stage and in all.
        reason: why it is to be champion whatever the gates say; None asks them.
        new_spec: whether another stage spec than the champion's will do.
        stood: the present champion, judged anew beside this challenger; None takes what was kept.
    """

    judging: Judging = field(default_factory=Judging)
    fewest: int = 100
    reason: str | None = None
    new_spec: bool = False
    stood: Stood | None = None


@dataclass(frozen=True)
class Promotion:
    """A move of the alias `champion`.

    Attributes:
        name: registered model.
        version: the champion now.
        before: the champion before, or None.
        specs: hash of the stage spec before (None without a champion) and now.
        words: what the gate said, as Markdown.
    """

    name: str
    version: int
    before: int | None
    specs: tuple[str | None, str]
    words: str = ""

    @property
    def comparable(self) -> bool:
        """Whether stages mean the same under the champion now as under the one before."""
        return self.specs[0] in (None, self.specs[1])


@dataclass(frozen=True)
class Rollback(Promotion):
    """A move of the alias back.

    Attributes:
        gone: earlier champions on the way that have been deleted.
    """

    gone: tuple[int, ...] = ()


def promote(
    name: str, version: int, before: int | None, uri: str | None = None, terms: Terms | None = None
) -> Promotion:
    """Make a version the champion, if it wins.

    The caller has loaded and tried the version as the scorer would, and says
    which champion it saw; if that has changed meanwhile, nothing is moved. The
    verdict is left with the version and its run, whatever it is.

    Args:
        name: registered model.
        version: the version to promote.
        before: version of the champion that the caller saw, or None.
        uri: tracking URI.
        terms: on which.

    Raises:
        GateError: it did not win, or it cannot be told; or its stage spec is
            another than the champion's, and nobody asked for that.
        BusyError: somebody else moved the alias, or holds the lock.
        ModelError: there is no such version, or what was kept for the gate is damaged.
    """
    place, terms = open_store(uri), terms or Terms()
    with quiet():
        challenger, standing = version_of(name, version), aliased(name, CHAMPION)
        _require_spec(challenger, standing, terms)
        _require_unmoved(standing, before)
        if before == version:
            return Promotion(name, version, before, (spec_hash(challenger),) * 2, "It is champion already.")
        words, tags = _verdict(challenger, standing, terms)
        with lock(place):
            standing = aliased(name, CHAMPION)
            _require_spec(version_of(name, version), standing, terms)
            _require_unmoved(standing, before)
            describe(version_of(name, version), words, tags)
            write_reigns(name, [*reigns(name, before), version])
            mlflow.MlflowClient().set_registered_model_alias(name, CHAMPION, str(version))  # last: all else is told
    return Promotion(name, version, before, (spec_hash(standing) if standing else None, spec_hash(challenger)), words)


def rollback(name: str, before: int, to: int, uri: str | None = None, reason: str | None = None) -> Rollback:
    """Make the champion before the champion again.

    The caller has loaded and tried that version, and says which champion it saw.

    Args:
        name: registered model.
        before: version of the champion that the caller saw.
        to: what `earlier` named.
        uri: tracking URI.
        reason: why.

    Raises:
        BusyError: somebody else moved the alias, or holds the lock.
        ModelError: there is no earlier champion.
    """
    place = open_store(uri)
    with quiet(), lock(place):
        standing = aliased(name, CHAMPION)
        _require_unmoved(standing, before)
        past, gone = _past(name, before)
        target = version_of(name, past[-1])
        _require_still(past[-1], to, "the champion before")
        mlflow.MlflowClient().set_registered_model_alias(name, CHAMPION, str(to))
        write_reigns(name, past)
        tags = signed(reason, "rolled_back")
        why = f": {reason}" if reason else ""
        words = f"**Rolled back** to version {to} by {tags['rolled_back_by']} at {tags['rolled_back_at']}{why}."
        if standing:
            describe(standing, words, tags)
    specs = (spec_hash(standing) if standing else None, spec_hash(target))
    return Rollback(name, to, before, specs, words, gone)


def earlier(name: str, uri: str | None = None) -> tuple[int, int]:
    """The present champion and the one before it that is still there.

    Raises:
        ModelError: there is no champion, or none before it.
    """
    now = champion(name, uri)
    if now is None:
        raise ModelError(f"'{name}' has no champion to roll back", remedy="promote a version: stagecast promote")
    with quiet():
        past, _ = _past(name, now.version)
    return now.version, past[-1]


def _past(name: str, now: int) -> tuple[list[int], tuple[int, ...]]:
    """Champions before the present one up to the newest that is still there, and those after it that are not."""
    past, gone = reigns(name, now)[:-1], []
    while past and (past[-1] == now or version_if_any(name, past[-1]) is None):
        gone.append(past.pop())
    gone = [version for version in gone if version != now]
    if not past:
        raise ModelError(
            f"there is no champion before version {now} of '{name}'",
            got=f"deleted: {', '.join(map(str, gone))}" if gone else "it was the first",
            remedy=f"name one yourself: stagecast promote {name}/VERSION --force --reason TEXT",
        )
    return past, tuple(gone)


def _verdict(challenger: ModelVersion, standing: ModelVersion | None, terms: Terms) -> tuple[str, dict[str, str]]:
    """What to write of a promotion that may go on.

    Raises:
        GateError: it may not; the verdict, if there is one, was written.
    """
    verdict, trouble = None, None
    try:
        verdict = _weighed(challenger, standing, terms)
    except (GateError, ModelError) as error:
        if terms.reason is None:
            raise
        trouble = error.problem
    said = verdict.told() if verdict else f"**Gate could not tell**: {trouble}."
    passed = bool(verdict and verdict.passed)
    gate = {"gate": "passed" if passed else "failed"}
    if terms.reason is not None:
        tags = signed(terms.reason, "promoted")
        forced = f"**Promoted by force** by {tags['promoted_by']} at {tags['promoted_at']}: {terms.reason}"
        return f"{forced}\n\n{said}", {**gate, "promoted": "by force", **tags}
    if verdict and not passed:
        describe(challenger, said, gate)
        raise GateError(
            f"version {challenger.version} of '{challenger.name}' did not win",
            got="; ".join(verdict.failures),
            allowed="better beyond chance than champion and ladder, and worse than neither",
            remedy="see its run in MLflow; train a better one, or use --force --reason TEXT and answer for it",
        )
    return said, {**gate, "promoted": "by the gate", **signed(None, "promoted")}


def _weighed(challenger: ModelVersion, standing: ModelVersion | None, terms: Terms) -> Verdict:
    evidence = demanded_evidence(challenger)
    if standing is None:
        return judge_challenger(evidence.beside(None), None, terms.judging, terms.fewest)
    words, said = _champion(evidence, standing, terms)
    return judge_challenger(evidence.beside(said), words, terms.judging, terms.fewest)


def _champion(evidence: Evidence, standing: ModelVersion, terms: Terms) -> tuple[str, Said | None]:
    """What the present champion said of the challenger's snapshots, and how that came about.

    It was judged anew, or when the challenger was trained, or when it was
    trained itself, on the same snapshots.
    """
    if terms.stood is not None and terms.stood.version == int(standing.version):
        return terms.stood.words, terms.stood.said
    if evidence.facts.champion == str(standing.version):
        return evidence.facts.champion_words, said_by(evidence.forecasts, CHAMPION)
    theirs = evidence_of(standing)
    if theirs is not None and evidence.same_rows(theirs):
        words = f"champion version {standing.version} (its recipe, fitted on the same orders as the challenger's)"
        return words, said_by(theirs.forecasts, MODEL)
    was = f"version {evidence.facts.champion}" if evidence.facts.champion else "none"
    raise GateError(
        "the champion has changed since this version was trained, and the two were judged on other snapshots",
        got=f"champion version {standing.version}; in its training it was {was}",
        allowed="both judged on the same snapshots",
        remedy="train again; or give the orders it was trained on, and they are compared anew: promote --orders ORDERS",
    )


def _require_unmoved(standing: ModelVersion | None, before: int | None) -> None:
    _require_still(int(standing.version) if standing else None, before, "the champion")


def _require_still(now: int | None, before: int | None, what: str) -> None:
    if now != before:
        raise BusyError(
            f"{what} was moved by somebody else meanwhile",
            got=f"version {now}",
            allowed=f"version {before}, as it was at the start",
            remedy="look at the new champion, then run the command again",
        )


def _require_spec(challenger: ModelVersion, standing: ModelVersion | None, terms: Terms) -> None:
    """Another spec gives stages another meaning: never by the way, only because somebody asked for it."""
    if standing is None or terms.new_spec or terms.reason is not None:
        return
    if spec_hash(challenger) == spec_hash(standing) or challenger.tags.get("spec_origin") == REFIT:
        return
    raise GateError(
        f"version {challenger.version} of '{challenger.name}' has another stage spec than the champion",
        got=f"spec {spec_hash(challenger)}",
        allowed=f"spec {spec_hash(standing)}, as champion version {standing.version} has it",
        remedy="scores of the two cannot be compared: train again, which keeps the champion's spec;"
        " or ask for the new one with promote --new-spec, or when training with --refit-spec",
    )
