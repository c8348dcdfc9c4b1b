import pandas as pd
import stage_oracle
from histories import some_spec, ticks

from features.history import History
from features.stage_table import stage_table
from features.stages.moves import STAGES, SUB_STATES


def test_the_stage_table_says_in_words_what_the_machine_found(cdnow_few: pd.DataFrame) -> None:
    spec, cutoff = some_spec(), ticks(cdnow_few)[40]
    table = stage_table(History.of(cdnow_few), cutoff, spec)
    want = stage_oracle.stage_table(cdnow_few, spec, cutoff).query("cutoff == @cutoff").reset_index(drop=True)
    assert table["customer_id"].tolist() == want["customer_id"].tolist()
    assert table["stage"].tolist() == [STAGES[code] for code in want["stage"]]
    assert table["sub_state"].tolist() == [SUB_STATES[code] for code in want["sub_state"]]
    assert (table["stage_since"] - pd.Timestamp("1970-01-01")).dt.days.tolist() == want["since"].tolist()
    assert set(table["spec_hash"]) == {spec.hash}
    silent_days = (table["as_of"] - table["last_order_day"]).dt.days
    assert (silent_days > 0).all()
    assert table.loc[table["sub_state"] == "silent", "silence"].min() > 1
