"""Which stage spec a model is trained under: the champion's, a given one, or one fitted anew.

A stage means the same from one model to the next only as long as the spec
stays. So training keeps the champion's unless it is told otherwise, and says
when the shop has moved away from it.
"""

from dataclasses import dataclass

from features.stages.spec import StageSpec
from features.stages.words import BAND_NAMES, fitted_bands

FIT, REFIT = "fit", "refit"
_MOVED, _ANOTHER = 1.25, 2.0


@dataclass(frozen=True)
class Wish:
    """Which stage spec training is to use.

    Attributes:
        spec: the spec to keep; None fits one.
        origin: where it comes from: `fit` (nothing to keep), `refit` (asked
            for), `champion/3`, `NAME/VERSION`, or the name of a file.
        standing: hash of the present champion's spec; None without a champion.
    """

    spec: StageSpec | None = None
    origin: str = FIT
    standing: str | None = None


@dataclass(frozen=True)
class Chosen:
    """The stage spec of a training run, and how well it fits the shop of today.

    Attributes:
        spec: the spec.
        wish: how it came to be chosen.
        present: the spec that a fit on the present reference period gives; of
            a spec that was fitted just now, itself.
        later: whether the orders begin only after the spec's reference period.
    """

    spec: StageSpec
    wish: Wish
    present: StageSpec
    later: bool = False

    @property
    def ratios(self) -> dict[str, float]:
        """Present silence limit over the spec's, of each band that both have fitted."""
        both = [then and now for then, now in zip(fitted_bands(self.spec), fitted_bands(self.present), strict=True)]
        limits = zip(BAND_NAMES, self.present.silent_after, self.spec.silent_after, both, strict=True)
        return {name: now / then for name, now, then, fitted in limits if fitted}

    @property
    def largest(self) -> float:
        """How far the farthest silence limit has moved, up or down, as a factor of 1 and more."""
        return max((max(ratio, 1 / ratio) for ratio in self.ratios.values()), default=1.0)

    @property
    def comparable(self) -> bool:
        """Whether the stages mean the same as the present champion's."""
        return self.wish.standing in (None, self.spec.hash)

    def metrics(self) -> dict[str, float]:
        """What a run logs of a spec that was kept: how far the shop's rhythm has moved away from it."""
        return {"spec/silence_ratio_max": self.largest}

    def told(self) -> list[str]:
        """Which spec, why, and what speaks against it, one sentence or two a line."""
        return [self._which(), *self._warned(), *self._compared()]

    def _which(self) -> str:
        name, before = f"stage spec {self.spec.hash}", f"fitted before {self.spec.fitted_before}"
        if self.wish.origin == FIT:
            return f"Made {name}, {before}: there is no champion whose spec could be kept."
        if self.wish.origin == REFIT:
            return f"Made {name} anew, as asked, {before}."
        return f"Kept {name} of {owner(self.wish.origin)}, {before}."

    def _warned(self) -> list[str]:
        factors = [max(ratio, 1 / ratio) for ratio in self.ratios.values()]
        if self.later or (factors and min(factors) > _ANOTHER):
            return [
                f"Note: is this another shop? {self._reason()} If it is, give it a model of its own"
                " ([training] model_name); if its habits changed, fit the spec anew with --refit-spec."
            ]
        if self.largest > _MOVED:
            return [f"Note: the shop's rhythm has moved. {self._limits()} --refit-spec fits the spec anew."]
        return []

    def _reason(self) -> str:
        if self.later:
            return f"Its orders begin only after the spec's own, which end before {self.spec.fitted_before}."
        return self._limits()

    def _limits(self) -> str:
        pairs = zip(BAND_NAMES, self.spec.silent_after, self.present.silent_after, strict=True)
        said = [f"{now:.0f} for {then:.0f} ({name} order-days)" for name, then, now in pairs if name in self.ratios]
        return f"A fit on the present orders gives other silence limits, in days: {', '.join(said)}."

    def _compared(self) -> list[str]:
        if self.comparable:
            return []
        return [
            f"Note: the champion's stage spec is {self.wish.standing}. A stage means something else under each, so"
            " their scores, and what was measured of regression and next stage, cannot be compared."
        ]


def owner(origin: str) -> str:
    """Whose spec it is, in words: `champion/3` is `champion version 3`."""
    return origin.replace("champion/", "champion version ")
