"""Scales by formula: equal, just, harmonic, subharmonic, Bohlen-Pierce, Euler-Fokker, products, systems in systems.

Every function returns a Scale or raises ScaleError. Ratios are exact fractions until they become cents.

    equal           any number of steps in any period
    harmonics       M. Meyer's and H. Partch's otonal rows: low..high of one fundamental; subharmonics: their mirror
    bohlen_pierce   13 steps of 3/1 (H. Bohlen, 13 Tonstufen in der Duodezime, Acustica 39, 1978), equal or just
    euler_fokker    all products of the given factors (L. Euler, Tentamen novae theoriae musicae, 1739; A. D. Fokker)
    products        combination product sets (E. Wilson): every product of `choose` of the factors
    nest            a whole system, squeezed, inside each step of another
    build_on        each degree of one system is the root of another
    twin_primes     primes two apart; `prime_time_twins` is the set that the title of La Monte Young's work tells
"""
import math
from collections.abc import Iterable, Sequence
from fractions import Fraction
from itertools import combinations, islice

from live.tuning.scale import MOST_DEGREES, Scale, ScaleError, ratio_cents

OCTAVE = Fraction(2)
ROUNDING = 1e-6             # cents
BOHLEN_PIERCE = tuple(map(Fraction, '1 27/25 25/21 9/7 7/5 75/49 5/3 9/5 49/25 15/7 7/3 63/25 25/9'.split()))
PRIME_TIME_RANGES = ((448, 576), (224, 288), (112, 144), (56, 72), (28, 36))
PRIME_TIME_LIMITS = (576, 448, 288, 224, 144, 56, 28)


def equal(divisions: float, period_cents: float = 1200.0) -> Scale:
    """Return equal steps. Divisions that are no whole number never meet the period: then one step is the period."""
    if not 0 < divisions <= MOST_DEGREES:
        raise ScaleError(f'{divisions:g} divisions is outside 1..{MOST_DEGREES}')
    if divisions != int(divisions):
        return Scale((0.0,), period_cents / divisions, f'{divisions:g} divisions of {period_cents:g} cents')
    count = int(divisions)
    return Scale(tuple(period_cents * step / count for step in range(count)), float(period_cents),
                 f'{count} divisions of {period_cents:g} cents')


def just(ratios: Iterable[Fraction], period: Fraction = OCTAVE, name: str = '') -> Scale:
    """Return a scale of ratios in the order given; 1/1 is its first degree, listed or not, and the period is none."""
    degrees = [Fraction(1), *islice(ratios, MOST_DEGREES + 1)]
    if len(degrees) > 1 and degrees[1] == 1:
        del degrees[0]
    if len(degrees) > 1 and degrees[-1] == period:
        del degrees[-1]
    return Scale(tuple(map(_cents, degrees)), _cents(period), name or 'just intonation')


def _cents(ratio: Fraction) -> float:
    if ratio <= 0:
        raise ScaleError(f'the ratio {ratio} is not above 0')
    try:
        return ratio_cents(ratio.numerator, ratio.denominator)
    except (OverflowError, ValueError) as error:
        raise ScaleError(f'the ratio {str(ratio)[:20]}... is too large or too small') from error


def harmonics(low: int, high: int) -> Scale:
    """Return the harmonics low..high of one fundamental; degree 0 is `low`, the period is high/low."""
    _check_segment(low, high)
    return _series((Fraction(number, low) for number in range(low, high + 1)), f'harmonics {low} to {high}')


def subharmonics(low: int, high: int) -> Scale:
    """Return 1/high up to 1/low of one fundamental, ascending; the period is high/low."""
    _check_segment(low, high)
    return _series((Fraction(high, number) for number in range(high, low - 1, -1)), f'subharmonics {low} to {high}')


def harmonic_set(numbers: Iterable[int], name: str = '') -> Scale:
    """Return chosen harmonics of one fundamental, ascending; the lowest is degree 0, the highest the period."""
    chosen = sorted(set(numbers))
    if len(chosen) < 2 or chosen[0] < 1:
        raise ScaleError('a set of harmonics needs two different numbers or more, from 1')
    return _series((Fraction(number, chosen[0]) for number in chosen), name or f'{len(chosen)} harmonics')


def _check_segment(low: int, high: int) -> None:
    if not 1 <= low < high or high - low > MOST_DEGREES:
        raise ScaleError(f'{low} to {high} is no segment: from 1, upwards, at most {MOST_DEGREES} steps')


def _series(ratios: Iterable[Fraction], name: str) -> Scale:
    *degrees, period = ratios
    return Scale(tuple(map(_cents, degrees)), _cents(period), name)


def bohlen_pierce(just_ratios: bool = False) -> Scale:
    """Return 13 steps of 3/1, equal or just."""
    if just_ratios:
        return just(BOHLEN_PIERCE, Fraction(3), 'Bohlen-Pierce, just')
    return Scale(equal(13, ratio_cents(3)).cents, ratio_cents(3), 'Bohlen-Pierce, equal')


def euler_fokker(factors: Sequence[int], period: Fraction = OCTAVE) -> Scale:
    """Return the genus: every product of some of the factors, within one period; [3, 3, 5] has six tones."""
    ratios = {Fraction(1)}
    for factor in factors:
        _check_factor(factor)
        ratios |= {_reduce(ratio * factor, period) for ratio in ratios}
        _check_count(len(ratios))
    return just(sorted(ratios), period, f'Euler-Fokker genus [{" ".join(map(str, factors))}]')


def products(factors: Sequence[int], choose: int, period: Fraction = OCTAVE) -> Scale:
    """Return a combination product set; 1/1 is the product of the first `choose` factors. 2 of 1 3 5 7: the hexany."""
    for factor in factors:
        _check_factor(factor)
    if not 1 <= choose <= len(factors):
        raise ScaleError(f'{choose} of {len(factors)} factors cannot be chosen')
    _check_count(math.comb(len(factors), choose))
    first = math.prod(factors[:choose])
    ratios = {_reduce(Fraction(math.prod(chosen), first), period) for chosen in combinations(factors, choose)}
    return just(sorted(ratios), period, f'{choose} of {" ".join(map(str, factors))}')


def _check_factor(factor: int) -> None:
    if not 1 <= factor < 2 ** 31:
        raise ScaleError(f'the factor {factor} is outside 1..{2 ** 31 - 1}')


def _check_count(count: int) -> None:
    if count > MOST_DEGREES:
        raise ScaleError(f'{count} degrees are more than {MOST_DEGREES}')


def _reduce(ratio: Fraction, period: Fraction) -> Fraction:
    """Return the ratio within 1 <= ratio < period."""
    if period <= 1:
        raise ScaleError(f'the period {period} is not above 1/1')
    ratio /= period ** math.floor(math.log(ratio) / math.log(period))
    while ratio >= period:      # the logarithm may be off by one step at the ends
        ratio /= period
    while ratio < 1:
        ratio *= period
    return ratio


def nest(outer: Scale, *inner: Scale) -> Scale:
    """Return the outer system with the whole inner one, squeezed, inside each of its steps; and so on inwards."""
    for scale in inner:
        if not scale.period_cents:
            raise ScaleError('a system without a period fits into no step')
        _check_count(len(outer.cents) * len(scale.cents))
        edges = [*outer.cents, outer.period_cents]
        cents = tuple(low + pitch * (high - low) / scale.period_cents
                      for low, high in zip(edges, edges[1:]) for pitch in scale.cents)
        outer = Scale(cents, outer.period_cents, f'{scale.name} inside each step of {outer.name}')
    return outer


def build_on(roots: Scale, *scales: Scale) -> Scale:
    """Return every pitch of a system built on each degree of another, within the period of the roots, ascending."""
    if not roots.period_cents:
        raise ScaleError('a system without a period has no room for another on each of its degrees')
    for scale in scales:
        _check_count(len(roots.cents) * len(scale.cents))
        period = abs(roots.period_cents)
        cents = _distinct(sorted((root + pitch) % period for root in roots.cents for pitch in scale.cents), period)
        roots = Scale(cents, roots.period_cents, f'{scale.name} on each degree of {roots.name}')
    return roots


def _distinct(pitches: Sequence[float], period: float) -> tuple[float, ...]:
    """Return ascending pitches from 0, without those that only rounding holds apart from the one before or from 0."""
    chosen = [0.0]
    for pitch in pitches:
        if pitch > chosen[-1] + ROUNDING and not period - ROUNDING < pitch <= period:
            chosen.append(pitch)
    return tuple(chosen)


def twin_primes(low: int, high: int) -> list[int]:
    """Return the primes in low..high that have a twin there, ascending."""
    if high - low > 10 ** 6:
        raise ScaleError(f'{low} to {high} is too wide for twin primes')
    primes = {n for n in range(max(2, low), high + 1) if all(n % d for d in range(2, math.isqrt(n) + 1))}
    return sorted(n for n in primes if {n - 2, n + 2} & primes)


def prime_time_twins() -> Scale:
    """Return 10 pairs of twin primes and 7 range limits as harmonics (of 7.5 Hz), 27 tones over four octaves.

    'The Prime Time Twins in The Ranges 576 to 448; 288 to 224; 144 to 112; 72 to 56; 36 to 28; with The Range Limits
    576, 448, 288, 224, 144, 56 and 28'.
    """
    twins = [number for low, high in PRIME_TIME_RANGES for number in twin_primes(low, high)]
    return harmonic_set([*twins, *PRIME_TIME_LIMITS], 'the prime time twins')
