"""Verbs that make a model: train, promote, roll back.

What only training needs is imported by what trains, so that a scoring job starts without it.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from features.errors import ModelError, UsageError
from features.history import History
from features.orders.digest import digest
from features.stages.spec import StageSpec
from serving.registered import Registered
from serving.registry import fetch
from serving.score import try_out
from stagecast.beside import beside
from stagecast.config import Config
from stagecast.describe import Orders, check, orders_before
from stagecast.learning import learnable
from stagecast.progress import tell
from stagecast.reading import Read
from stagecast.shown import shown_name, shown_settings
from stagecast.specs import CHAMPION, wish
from stagecast.unregistered import or_kept

if TYPE_CHECKING:
    from training.gate.standing import Standing, Stood
    from training.promote import Promotion, Rollback
    from training.tracking import Version
    from training.train import Trained


@dataclass(frozen=True)
class Training:
    """What `train` made: the model with its judgement, its version, the promotion if any, what the orders were like."""

    trained: "Trained"
    version: "Version"
    promotion: "Promotion | None"
    clean: Read


def train(
    orders: Orders,
    as_of: str,
    config: Config | None = None,
    promote: bool = False,
    spec: StageSpec | str | Path = CHAMPION,
) -> Training:
    """Train, judge, log to MLflow and register as challenger; with `promote`, make it champion.

    Args:
        orders: a source of orders, or clean ones.
        as_of: a tick, YYYY-MM-DD; orders at or after it are not looked at.
        config: settings.
        promote: whether to make the model champion, if the gate says yes.
        spec: `champion` keeps the champion's stage spec, so that stages go on
            meaning the same (without a champion one is fitted); `refit` fits
            one anew; or the one to keep: a spec, a file, or a model's, as
            NAME@ALIAS or NAME/VERSION.

    Raises:
        UsageError: `as_of` is no tick of the clock; or the spec to keep has
            seen orders that are to judge, or the settings ask for another.
        DataError: too few orders, customers, outcomes or weeks.
        ModelError: the spec to keep cannot be read.
        GateError: `promote` was asked for and the gate said no; the model is registered all the same.
    """
    from training.lineage import Source
    from training.tracking import publish
    from training.train import Before
    from training.train import train as train_model

    config = config or Config()
    wanted = wish(spec, config)
    config = config.under(wanted.spec) if wanted.spec else config
    end = config.the_clock.tick(as_of)
    with learnable(orders, end, config) as learnt:
        trained = train_model(learnt.log, end, config.recipe, tell, Before(wanted, _standing(config)))
        origin = Source(shown_name(orders), learnt.digest, learnt.lines, learnt.log.customers, as_of)
    tell("log the run and register the model")
    settings = shown_settings(config)
    version = or_kept(lambda uri: publish(trained, origin, config.training, uri, settings), config.tracking_uri)
    made = f"{version.name}/{version.version}"
    moved = _promote(fetch(made, config.tracking_uri), config) if promote else None
    return Training(trained, version, moved, learnt.read)


def promote(
    which: str | None = None,
    config: Config | None = None,
    force: str | None = None,
    new_spec: bool = False,
    orders: Orders | None = None,
) -> "Promotion":
    """Make a registered version the champion if it wins, after loading and trying it as the scorer would.

    Args:
        which: `NAME@ALIAS` or `NAME/VERSION`; the challenger by default.
        config: tracking URI, model name, costs of a campaign.
        force: why to promote although a gate says no; it is kept, with your name.
        new_spec: promote although the stage spec is another than the
            champion's, so that scores before and after cannot be compared.
        orders: those the version was trained on, to judge the present champion
            beside it anew; needed where the champion has changed since.

    Raises:
        UsageError: `force` gives no reason; or the settings ask for another clock or period.
        DataError: these are other orders than the version was trained on.
        ModelError: there is no such version, or its files are damaged.
        GateError: the gate says no.
        BusyError: somebody else moved the champion meanwhile.
    """
    config = config or Config()
    reason, which = _reason(force), which or f"{config.training.model_name}@challenger"
    return _promote(fetch(which, config.tracking_uri), config, reason, new_spec, orders)


def rollback(name: str | None = None, config: Config | None = None, reason: str | None = None) -> "Rollback":
    """Make the champion before the champion again, after loading and trying it as the scorer would.

    Args:
        name: registered model; by default the configuration's.
        config: tracking URI, model name.
        reason: why; it is kept, with your name.

    Raises:
        ModelError: there is no champion before, or its files are damaged.
        BusyError: somebody else moved the champion meanwhile.
    """
    from training import promote as promotion

    config = config or Config()
    name = name or config.training.model_name
    now, to = promotion.earlier(name, config.tracking_uri)
    try_out(fetch(f"{name}/{to}", config.tracking_uri).model)
    return promotion.rollback(name, now, to, config.tracking_uri, reason)


def _promote(
    candidate: Registered,
    config: Config,
    force: str | None = None,
    new_spec: bool = False,
    orders: Orders | None = None,
) -> "Promotion":
    from training import promote as promotion
    from training.bench import judging_by

    name, uri = candidate.name, config.tracking_uri
    before = promotion.champion(name, uri)
    try_out(candidate.model)
    seen = before.version if before else None
    stood = None if orders is None or seen in (None, candidate.version) else _anew(candidate, seen, config, orders)
    judging, fewest = judging_by(config.training), config.training.fewest_customers
    terms = promotion.Terms(judging, fewest, force, new_spec, stood)
    return promotion.promote(name, candidate.version, seen, uri, terms)


def _reason(force: object) -> str | None:
    """Why a version is promoted by force, if it is; a bare yes is no reason."""
    if force is None or (isinstance(force, str) and force.strip()):
        return force
    raise UsageError("a promotion by force needs a reason", got=repr(force), remedy="say why: --force --reason TEXT")


def _anew(candidate: Registered, champion: int, config: Config, orders: Orders) -> "Stood":
    """The champion judged on the snapshots of a challenger."""
    from training.gate.anew import judge_anew, require_orders
    from training.gate.shelf import kept_evidence, standing_of

    config, name, uri = config.under(candidate.model.spec), candidate.name, config.tracking_uri
    challenger = standing_of(name, candidate.version, candidate.model)
    evidence = kept_evidence(name, candidate.version)
    tell("read the orders")
    until = evidence.facts.until
    used, _ = orders_before(check(orders, config, config.the_clock.tick(until)), until, config)
    require_orders(evidence, digest(used))
    history = History.of(used).joined(beside(orders, config).tables)
    standing = standing_of(name, champion, fetch(f"{name}/{champion}", uri).model)
    return judge_anew(standing, (challenger, evidence), history, config.recipe, tell)


def _standing(config: Config) -> "Standing | None":
    """The champion that a new model is to be held against."""
    from training.gate.shelf import standing_of
    from training.promote import champion

    name, uri = config.training.model_name, config.tracking_uri
    now = champion(name, uri)
    if now is None:
        return None
    tell("fetch the champion")
    try:
        return standing_of(name, now.version, fetch(f"{name}/{now.version}", uri).model)
    except ModelError as error:
        tell(f"the champion cannot be judged: {error.problem}")
        return None
