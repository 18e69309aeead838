"""Systems: the published sizes, and the laws between them."""
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from live.tuning.scale import MOST_DEGREES, Scale, ScaleError, ratio_cents
from live.tuning.systems import (PRIME_TIME_LIMITS, bohlen_pierce, build_on, equal, euler_fokker, harmonic_set,
                                 harmonics, just, nest, prime_time_twins, products, subharmonics, twin_primes)


def ratios(scale):
    """Return the degrees of a scale as fractions."""
    found = [Fraction(2 ** (cents / 1200)).limit_denominator(4096) for cents in scale.cents]
    assert [ratio_cents(r.numerator, r.denominator) for r in found] == pytest.approx(list(scale.cents), abs=1e-9)
    return [str(ratio) for ratio in found]


@pytest.mark.parametrize('divisions', [1, 5, 12, 19, 31, 53, 1200])
@pytest.mark.parametrize('period', [1200.0, 1901.955, 100.0])
def test_equal_steps_are_equal(divisions, period):
    scale = equal(divisions, period)
    steps = [scale.at(degree + 1) - scale.at(degree) for degree in range(-divisions, 2 * divisions)]
    assert steps == pytest.approx([period / divisions] * 3 * divisions, abs=1e-9)


def test_divisions_between_whole_numbers_are_a_step_that_repeats():
    assert equal(12.5).at(25) == pytest.approx(2400)


def test_just_scale_begins_on_its_first_degree_listed_or_not():
    fifth = Fraction(3, 2)
    assert just([Fraction(1), fifth]).cents == just([fifth]).cents == just([fifth, Fraction(2)]).cents


def test_harmonics_seven_to_fourteen():
    assert ratios(harmonics(7, 14)) == ['1', '8/7', '9/7', '10/7', '11/7', '12/7', '13/7']
    assert harmonics(7, 14).period_cents == 1200


def test_subharmonics_mirror_harmonics():
    up, down = harmonics(8, 16), subharmonics(8, 16)
    mirrored = sorted(1200 - cents for cents in (*up.cents[1:], 1200.0))
    assert list(down.cents) == pytest.approx(mirrored, abs=1e-9) and ratios(down)[1] == '16/15'


def test_equal_bohlen_pierce_has_steps_of_146_cents():
    assert bohlen_pierce().at(1) == pytest.approx(146.304231, abs=1e-6)
    assert bohlen_pierce().at(13) == pytest.approx(1901.955001, abs=1e-6)


def test_just_bohlen_pierce_is_symmetrical_and_near_the_equal_one():
    scale = bohlen_pierce(just_ratios=True)
    sizes = [*scale.cents, scale.period_cents]
    assert [a + b for a, b in zip(sizes, reversed(sizes))] == pytest.approx([ratio_cents(3)] * 14)
    assert sizes[:13] == pytest.approx(bohlen_pierce().cents, abs=20)


@pytest.mark.parametrize('factors, tones', [
    ([3, 3, 5], ['1', '9/8', '5/4', '45/32', '3/2', '15/8']), ([3, 3, 3], ['1', '9/8', '3/2', '27/16']),
    ([5], ['1', '5/4']), ([2], ['1'])])
def test_euler_fokker_genus(factors, tones):
    assert ratios(euler_fokker(factors)) == tones


def test_genus_of_a_tritave():
    assert ratios(euler_fokker([5, 7], Fraction(3))) == ['1', '35/27', '5/3', '7/3']


def test_hexany():
    assert ratios(products([1, 3, 5, 7], 2)) == ['1', '7/6', '5/4', '35/24', '5/3', '7/4']


@pytest.mark.parametrize('factors, choose, count', [([1, 3, 5, 7, 9, 11], 3, 20), ([1, 3, 5, 7, 9], 2, 10)])
def test_combination_product_sets_have_their_number_of_tones(factors, choose, count):
    assert len(products(factors, choose).cents) == count


def test_twelve_inside_twelve_is_144_equal_steps():
    assert nest(equal(12), equal(12)).cents == pytest.approx(equal(144).cents)


def test_nested_system_has_the_outer_steps_and_the_inner_shape_in_each():
    outer, inner = just([Fraction(5, 4), Fraction(3, 2)]), Scale((0, 300), 1200)
    scale = nest(outer, inner)
    assert scale.cents[::2] == outer.cents
    edges = [*outer.cents, 1200]
    assert list(scale.cents[1::2]) == pytest.approx([a + (b - a) / 4 for a, b in zip(edges, edges[1:])])


def test_three_systems_nest_inwards():
    assert nest(equal(2), equal(3), equal(4)).cents == pytest.approx(equal(24).cents)


def test_system_built_on_each_degree_of_another():
    scale = build_on(just([Fraction(3, 2)]), harmonics(4, 8))
    assert ratios(scale) == ['1', '9/8', '5/4', '21/16', '3/2', '7/4', '15/8']


def test_chain_of_fifths_is_built_on_itself():
    genus = euler_fokker([3])
    assert build_on(genus, genus, genus).cents == pytest.approx(euler_fokker([3, 3, 3]).cents, abs=1e-6)


def test_twin_primes_come_in_pairs():
    assert twin_primes(1, 32) == [3, 5, 7, 11, 13, 17, 19, 29, 31]
    assert twin_primes(448, 576) == [461, 463, 521, 523, 569, 571]


def test_prime_time_twins_are_ten_pairs_and_seven_limits():
    scale = prime_time_twins()
    numbers = [28 * 2 ** (cents / 1200) for cents in (*scale.cents, scale.period_cents)]
    assert len(numbers) == 27 and numbers == pytest.approx([round(n) for n in numbers])
    twins = sorted({round(n) for n in numbers} - set(PRIME_TIME_LIMITS))
    assert [b - a for a, b in zip(twins[::2], twins[1::2])] == [2] * 10


@given(st.lists(st.integers(1, 2 ** 31 - 1), min_size=1, max_size=6), st.integers(2, 5))
def test_products_of_any_factors_lie_within_the_period(factors, period):
    for scale in (euler_fokker(factors, Fraction(period)), products(factors, 1, Fraction(period))):
        assert scale.cents[0] == 0 and all(0 <= cents < scale.period_cents + 1e-9 for cents in scale.cents)


@pytest.mark.parametrize('make', [
    lambda: equal(0), lambda: equal(1e9), lambda: harmonics(0, 4), lambda: harmonics(8, 7),
    lambda: harmonics(1, 10 ** 9), lambda: build_on(Scale((0,), 0), equal(2)),
    lambda: subharmonics(7, 7), lambda: harmonic_set([3]), lambda: harmonic_set([0, 3]), lambda: just([Fraction(-1)]),
    lambda: just([Fraction(10 ** 400)]), lambda: euler_fokker([0]), lambda: euler_fokker([3] * 9, Fraction(1)),
    lambda: products([1, 3], 3), lambda: products(range(1, 60), 30), lambda: nest(equal(2), Scale((0,), 0)),
    lambda: nest(equal(200), equal(200)), lambda: build_on(equal(200), equal(200)), lambda: twin_primes(0, 10 ** 9)])
def test_what_cannot_be_built_is_refused(make):
    with pytest.raises(ScaleError):
        make()


def test_more_degrees_than_a_scale_holds_are_refused_early():
    with pytest.raises(ScaleError, match=f'more than {MOST_DEGREES}'):
        euler_fokker([3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53])
