from features.partitions.tree_sum import TreeSum


def test_a_tree_sum_adds_all_in_order() -> None:
    for terms in range(20):
        letters = TreeSum[str]()
        for k in range(terms):
            letters.add(chr(97 + k))
        want = "".join(chr(97 + k) for k in range(terms)) or None
        assert (letters.total(), letters.total()) == (want, want)
