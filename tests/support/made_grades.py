"""Made-up grades."""

from features.grade import Counts, Grade, Promise, Scored


def a_grade(as_of: str, version: int = 1, loss: float = 0.2, alarm: str | None = None) -> Grade:
    share = Promise(
        target="order", metric="log_loss_share", promised=-0.2, low=-0.3, high=-0.1, found=-0.15, verdict="as promised"
    )
    return Grade(
        as_of=as_of,
        until="2021-03-01",
        graded_at="2021-03-01T00:00:00+00:00",
        model_name="shop",
        model_version=version,
        spec_hash="0123",
        digest="4567",
        counts=Counts(scored=10, judged=10, ordered=3, regressed=4),
        scores=[Scored(target="order", group="all", snapshots=10, metrics={"log_loss": loss, "auroc": 0.8})],
        deciles=[],
        ladder=[],
        promises=[share],
        alarm=alarm,
    )
