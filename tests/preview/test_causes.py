"""One cause is said once."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from hubs.preview.diff.causes import nearest
from hubs.preview.diff.judged import Judgement, Level, Origin
from hubs.settings.touches import Touches

SETTING = Judgement(Level.DANGEROUS, Touches.NETWORK, "block_cloud_metadata", "cloud metadata is no longer blocked")
OBJECT = Judgement(
    Level.DANGEROUS, Touches.NETWORK, "NetworkPolicy singleuser", "servers reach more", origin=Origin.OBJECT
)

judgements = st.lists(
    st.builds(
        Judgement,
        st.sampled_from(Level),
        st.sampled_from([None, Touches.NETWORK, Touches.FILES]),
        st.sampled_from(["a", "b"]),
        st.just("something"),
        st.sampled_from([["a"], {"a": 1}, "text"]),
        origin=st.sampled_from(Origin),
    )
)


def test_an_object_that_a_setting_explains_is_not_said() -> None:
    assert nearest([OBJECT, SETTING]) == (SETTING,)
    assert nearest([OBJECT], [SETTING]) == (), "a setting of the cluster explains the objects of each hub"
    value = replace(SETTING, path="values.jupyterhub.singleuser.cloudMetadata", origin=Origin.VALUE)
    assert nearest([OBJECT, value]) == (value,)


def test_an_object_is_said_if_nothing_as_dangerous_explains_it() -> None:
    weaker = replace(SETTING, level=Level.CAREFUL)
    assert nearest([OBJECT, weaker]) == (weaker, OBJECT)
    other = replace(SETTING, touches=Touches.FILES)
    assert nearest([OBJECT, other]) == (other, OBJECT)
    not_judged = replace(OBJECT, touches=None)
    assert nearest([not_judged, replace(SETTING, touches=None)])[-1] == not_judged


def test_another_chart_is_no_explanation() -> None:
    assert nearest([OBJECT, SETTING], new_chart=True) == (SETTING, OBJECT)


def test_what_happens_to_data_comes_first_and_is_always_said() -> None:
    gone = replace(OBJECT, subject="from now on its files may be deleted", origin=Origin.DECOMMISSION)
    assert nearest([OBJECT, SETTING, gone]) == (gone, SETTING)


@given(judgements, judgements, st.booleans())
def test_only_objects_are_dropped_and_the_most_dangerous_level_remains(
    own: list[Judgement], shared: list[Judgement], new_chart: bool
) -> None:
    found = nearest(own, shared, new_chart=new_chart)
    assert all(one in own for one in found)
    left_out = [one for one in own if one not in found]
    assert all(one.origin is Origin.OBJECT for one in left_out)
    for dropped in left_out:
        assert any(one.level >= dropped.level and one.touches is dropped.touches for one in (*found, *shared))
    assert list(found) == sorted(found, key=lambda one: (one.origin, -one.level))
    assert nearest(found, shared, new_chart=new_chart) == found


def test_values_can_be_lists() -> None:
    one = Judgement(Level.DANGEROUS, Touches.LOGIN, "values.a", "a", [1], {"b": [2]}, origin=Origin.VALUE)
    assert nearest([one, one]) == (one,)
