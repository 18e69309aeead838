"""The scale files that ship: each is its formula, and a patch finds it."""
import math

import pytest

from live.patch import SCALES, load_patch
from live.tuning.ascl import load_ascl
from live.tuning.systems import (bohlen_pierce, equal, harmonics, nest, prime_time_twins, products, subharmonics)
from live.tuning.table import read_tuning

FORMULAS = {
    'quarter_tones.scl': equal(24), 'bohlen_pierce.scl': bohlen_pierce(True), 'harmonics_7_14.scl': harmonics(7, 14),
    'subharmonics_8_16.scl': subharmonics(8, 16), 'hexany.scl': products([1, 3, 5, 7], 2),
    'prime_time_twins.scl': prime_time_twins(), 'twelve_in_twelve.scl': nest(equal(12), equal(12)),
    'overtones_8_16.ascl': harmonics(8, 16)}


@pytest.mark.parametrize('name', FORMULAS)
def test_file_that_ships_is_its_formula(name):
    scale, _ = load_ascl(SCALES / name)
    assert scale.name and (scale.cents, scale.period_cents) == (FORMULAS[name].cents, FORMULAS[name].period_cents)


def test_every_file_that_ships_is_known_here():
    assert {path.name for path in SCALES.iterdir()} == {*FORMULAS, 'white_keys.kbm'}


def test_seven_tones_on_the_white_keys():
    told = read_tuning({'file': 'harmonics_7_14.scl', 'keyboard': 'white_keys.kbm'}, (SCALES,))
    heard = [key for key in range(60, 73) if not math.isnan(told.frequency(key))]
    assert heard == [60, 62, 64, 65, 67, 69, 71, 72] and told.frequency(72) == pytest.approx(2 * 261.625565)


def test_patch_finds_a_file_beside_it_before_one_that_ships(tmp_path):
    path = tmp_path / 'mine.toml'
    path.write_text("[tuning]\nfile = 'hexany.scl'")
    assert len(load_patch(path).tuning.scale.cents) == 6
    (tmp_path / 'hexany.scl').write_text('mine\n1\n3/1\n')
    assert load_patch(path).tuning.scale.name == 'mine'
