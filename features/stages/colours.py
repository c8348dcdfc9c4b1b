"""One colour a stage in every picture, also for the colour-blind (Okabe and Ito 2008, "Color universal design")."""

from features.stages.moves import Stage, SubState

STAGE_COLOURS = {
    Stage.EXAMINATION: "#F0E442",
    Stage.FORMATIVE: "#009E73",
    Stage.STABLE: "#0072B2",
    Stage.REGRESSION: "#D55E00",
}
SUB_STATE_COLOURS = {SubState.SLIPPING: "#E69F00", SubState.SILENT: "#D55E00", SubState.LOST: "#BBBBBB"}
