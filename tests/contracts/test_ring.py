"""A ring is a dictionary with a digest, and its copies have nothing to do with it."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from tulou.contracts.routing.messages import Grant
from tulou.rules.routing.ring import DigestedMap, ring_of_grants

DEEDS = st.lists(
    st.tuples(st.sampled_from(("put", "drop", "copy")), st.integers(0, 40), st.integers(0, 9)), max_size=60
)
GRANT = Grant(key="", digest="00", tenant="acme", principal="ana", project="app", scopes=("inference",), models=("*",))


def grant(number: int, variant: int = 0) -> Grant:
    return replace(GRANT, key=f"key_{number}", project=f"app-{variant}")


@given(DEEDS)
def test_every_copy_is_what_it_was_made_to_be(deeds: list[tuple[str, int, int]]) -> None:
    many = [grant(-number) for number in range(1, 100)]
    copies: list[tuple[DigestedMap[Grant], dict[str, Grant]]] = [(ring_of_grants(many), {one.key: one for one in many})]
    for deed, number, variant in deeds:
        ring, plain = copies[variant % len(copies)]
        one = grant(number, variant)
        match deed:
            case "put":
                ring.put(one)
                plain[one.key] = one
            case "drop":
                assert ring.drop(one.key) == plain.pop(one.key, None)
            case _:
                copies.append((ring.copy(), dict(plain)))
    for ring, plain in copies:
        assert len(ring) == len(plain)
        assert {one.key: one for one in ring} == plain
        assert all(ring.find(f"key_{number}") == plain.get(f"key_{number}") for number in range(-3, 41))
        assert ring.digest == ring_of_grants(reversed(plain.values())).digest


def test_of_several_items_of_one_name_the_last_one_is_had() -> None:
    ring = ring_of_grants([grant(1), grant(1, 7)])
    assert list(ring) == [grant(1, 7)]
    assert ring.digest == ring_of_grants([grant(1, 7)]).digest
